#include "filters.hpp"
#include "weights.eigen.hpp"

#include <cstddef>

namespace twin {
namespace {

// All sites at once: what the kinds differ in are the weights.
class GlobalFilter : public Filter {
 public:
  explicit GlobalFilter(const FilterSettings& settings) : settings_(settings) {}

  void analyse(Ensemble& ensemble, const Observation& observation, std::int64_t cycle) override
  {
    check_members(ensemble);
    if (observation.size() == 0) return;
    take_prior(prior_, ensemble, observation);
    Eigen::MatrixXd weights = weigh(cycle);
    check_finite({weights.data(), static_cast<std::size_t>(weights.size())});
    post_process(weights, settings_, cycle);
    compose(ensemble, prior_, weights);
  }

 private:
  [[nodiscard]] Eigen::MatrixXd weigh(std::int64_t cycle) const
  {
    const Rows& seen = prior_.seen;
    const Eigen::VectorXd& innovation = prior_.innovation;
    if (settings_.kind == FilterKind::stochastic) {
      return stochastic_weights(seen, innovation, settings_.seed, cycle);
    }
    if (settings_.kind == FilterKind::deterministic) {
      return deterministic_weights(seen, innovation);
    }
    const Spectrum found = spectrum(seen, innovation);
    const double precision = settings_.adaptive ? finite_size_precision(found, settings_.confidence)
                                                : static_cast<double>(seen.rows() - 1);
    return square_root_weights(found, precision);
  }

  FilterSettings settings_;
  Prior prior_;
};

}  // namespace

std::unique_ptr<Filter> make_global_filter(const FilterSettings& settings)
{
  return std::make_unique<GlobalFilter>(settings);
}

}  // namespace twin
