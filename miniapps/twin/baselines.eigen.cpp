#include "filters.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Core>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

namespace twin {
namespace {

class FreeRun : public Filter {
 public:
  void analyse(Ensemble& ensemble, const Observation& observation, std::int64_t) override
  {
    observation.check(ensemble.size());
  }
};

class Climatology : public Filter {
 public:
  explicit Climatology(const Climate& climate) : mean_(climate.mean) {}
  void analyse(Ensemble& ensemble, const Observation& observation, std::int64_t) override
  {
    observation.check(ensemble.size());
    if (observation.size() == 0) return;
    for (std::size_t i = 0; i < ensemble.count(); ++i) {
      std::ranges::copy(mean_, ensemble.member(i).begin());
    }
  }

 private:
  std::vector<double> mean_;
};

// The Kalman filter's analysis with a covariance that stays as it is, of the climate's mean or of
// each member.
class FixedCovariance : public Filter {
 public:
  FixedCovariance(const Climate& climate, double scale, bool from_mean)
      : mean_(Eigen::Map<const Eigen::VectorXd>(climate.mean.data(),
                                                static_cast<Eigen::Index>(climate.mean.size()))),
        covariance_(scale * Eigen::Map<const Eigen::MatrixXd>(climate.covariance.data(),
                                                              mean_.size(), mean_.size())),
        from_mean_(from_mean)
  {}

  void analyse(Ensemble& ensemble, const Observation& observation, std::int64_t) override
  {
    observation.check(ensemble.size());
    if (static_cast<Eigen::Index>(ensemble.size()) != mean_.size()) {
      throw std::invalid_argument("the climate is of " + std::to_string(mean_.size()) +
                                  " sites, the members have " + std::to_string(ensemble.size()));
    }
    if (observation.size() == 0) return;
    const auto count = static_cast<Eigen::Index>(observation.size());
    const auto& sites = observation.sites;
    const Eigen::Map<const Eigen::VectorXd> values(observation.values.data(), count);
    const Eigen::Map<const Eigen::VectorXd> deviations(observation.deviations.data(), count);
    Eigen::MatrixXd total = covariance_(sites, sites);
    total.diagonal() += deviations.cwiseAbs2();
    const Eigen::LLT<Eigen::MatrixXd> root(total);
    for (std::size_t i = 0; i < ensemble.count(); ++i) {
      Eigen::Map<Eigen::VectorXd> x(ensemble.member(i).data(), mean_.size());
      if (from_mean_) x = mean_;
      const Eigen::VectorXd weights = root.solve(values - x(sites));
      x += covariance_(Eigen::all, sites) * weights;
    }
  }

 private:
  Eigen::VectorXd mean_;
  Eigen::MatrixXd covariance_;
  bool from_mean_;
};

}  // namespace

std::unique_ptr<Filter> make_baseline(const FilterSettings& settings, const Climate* climate)
{
  if (settings.kind == FilterKind::free_run) return std::make_unique<FreeRun>();
  if (!climate || climate->mean.empty() ||
      climate->covariance.size() != climate->mean.size() * climate->mean.size()) {
    throw std::invalid_argument(std::string("the filter '") + to_string(settings.kind) +
                                "' needs the climate's mean and covariance");
  }
  switch (settings.kind) {
    case FilterKind::climatology: return std::make_unique<Climatology>(*climate);
    case FilterKind::optimal_interpolation:
      return std::make_unique<FixedCovariance>(*climate, 1, true);
    default: return std::make_unique<FixedCovariance>(*climate, settings.background, false);
  }
}

}  // namespace twin
