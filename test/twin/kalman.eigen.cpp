// Filters against the Kalman filter, on problems where it is exact.
#include "filter.hpp"
#include "weights.eigen.hpp"

#include <doctest/doctest.h>
#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <vector>

using twin::Ensemble;
using twin::FilterKind;
using twin::FilterSettings;
using twin::Observation;

namespace {

constexpr Eigen::Index sites = 6;

struct Gauss {
  Eigen::VectorXd mean;
  Eigen::MatrixXd covariance;
};

Gauss gauss(Ensemble& ensemble)
{
  const auto everything = ensemble.gather();
  const Eigen::Map<const twin::Rows> rows(everything.data(),
                                          static_cast<Eigen::Index>(ensemble.members()), sites);
  const Eigen::RowVectorXd mean = rows.colwise().mean();
  const Eigen::MatrixXd anomalies = rows.rowwise() - mean;
  return {mean.transpose(),
          anomalies.transpose() * anomalies / static_cast<double>(rows.rows() - 1)};
}

// x' = A x: turns, grows here and shrinks there.
class Linear : public twin::Model {
 public:
  Linear() : matrix_(Eigen::MatrixXd::Identity(sites, sites))
  {
    for (Eigen::Index i = 0; i < sites; ++i) {
      matrix_(i, (i + 1) % sites) = 0.4;
      matrix_(i, (i + 2) % sites) = -0.3;
      matrix_(i, i) = 0.7 + 0.1 * static_cast<double>(i);
    }
  }
  [[nodiscard]] std::size_t size() const override { return sites; }
  [[nodiscard]] double dt() const override { return 1; }
  void advance(std::span<double> states, int steps, std::span<const double>) override
  {
    for (std::size_t row = 0; row < states.size(); row += size()) {
      Eigen::Map<Eigen::VectorXd> x(states.data() + row, sites);
      for (int step = 0; step < steps; ++step) x = (matrix_ * x).eval();
    }
  }
  [[nodiscard]] std::vector<double> rest() const override { return std::vector<double>(size()); }
  [[nodiscard]] const Eigen::MatrixXd& matrix() const { return matrix_; }

 private:
  Eigen::MatrixXd matrix_;
};

Observation observation(int cycle)
{
  Observation result;
  // In no order, of different errors; which sites changes.
  result.sites = cycle % 2 == 0 ? std::vector<int>{4, 0, 3} : std::vector<int>{5, 1};
  for (const int site : result.sites) {
    result.values.push_back(std::sin(site + 2.0 * cycle));
    result.deviations.push_back(0.5 + 0.2 * site);
  }
  return result;
}

// The gain's share K H of the covariance's analysis, and the mean's.
Eigen::MatrixXd gain(const Eigen::MatrixXd& covariance, const Observation& seen)
{
  Eigen::MatrixXd total = covariance(seen.sites, seen.sites);
  for (Eigen::Index k = 0; k < total.rows(); ++k) {
    total(k, k) += std::pow(seen.deviations[static_cast<std::size_t>(k)], 2);
  }
  const Eigen::MatrixXd columns = covariance(Eigen::all, seen.sites);
  return total.llt().solve(columns.transpose()).transpose();
}

Gauss kalman(const Gauss& prior, const Observation& seen)
{
  const Eigen::MatrixXd factor = gain(prior.covariance, seen);
  const Eigen::Map<const Eigen::VectorXd> values(seen.values.data(),
                                                 static_cast<Eigen::Index>(seen.size()));
  return {prior.mean + factor * (values - prior.mean(seen.sites)),
          prior.covariance - factor * prior.covariance(seen.sites, Eigen::all)};
}

double apart(const Gauss& a, const Gauss& b)
{
  return std::max((a.mean - b.mean).cwiseAbs().maxCoeff(),
                  (a.covariance - b.covariance).cwiseAbs().maxCoeff());
}

Ensemble members(MPI_Comm comm, std::size_t count, std::uint64_t seed = 1)
{
  Ensemble ensemble(comm, count, sites);
  twin::scatter(ensemble, std::vector<double>{1, -1, 2, 0, 0.5, 1}, 1.3, seed);
  return ensemble;
}

}  // namespace

TEST_CASE("square root filters are the Kalman filter of the ensemble's covariance")
{
  FilterSettings settings;
  SUBCASE("as it is") {}
  SUBCASE("rotated")
  {
    settings.rotate = true;
  }
  SUBCASE("local, with a radius beyond the ring")
  {
    settings.kind = FilterKind::local;
    settings.radius = 1e6;
  }
  SUBCASE("local, rotated, in batches")
  {
    settings.kind = FilterKind::local;
    settings.radius = 1e6;
    settings.rotate = true;
    settings.batch = 4;
  }
  for (const std::size_t count : {3U, 9U, 20U}) {
    Ensemble ensemble = members(MPI_COMM_WORLD, count);
    Gauss known = gauss(ensemble);
    Linear model;
    const auto filter = twin::make_filter(settings);
    for (int cycle = 0; cycle < 12; ++cycle) {
      twin::forecast(ensemble, model, 1);
      known.mean = (model.matrix() * known.mean).eval();
      known.covariance = (model.matrix() * known.covariance * model.matrix().transpose()).eval();
      const Observation seen = observation(cycle);
      filter->analyse(ensemble, seen, cycle);
      known = kalman(known, seen);
      CHECK(apart(gauss(ensemble), known) < 1e-9);
    }
  }
}

TEST_CASE("inflation multiplies the deviations after the analysis")
{
  for (const FilterKind kind : {FilterKind::square_root, FilterKind::local}) {
    Ensemble ensemble = members(MPI_COMM_WORLD, 9);
    Gauss known = kalman(gauss(ensemble), observation(0));
    known.covariance *= 1.1 * 1.1;
    FilterSettings settings;
    settings.kind = kind;
    settings.radius = 1e6;
    settings.inflation = 1.1;
    twin::make_filter(settings)->analyse(ensemble, observation(0), 0);
    CHECK(apart(gauss(ensemble), known) < 1e-12);
  }
}

TEST_CASE("the deterministic filter takes half the gain for the anomalies")
{
  Ensemble ensemble = members(MPI_COMM_WORLD, 9);
  const Gauss prior = gauss(ensemble);
  const Observation seen = observation(0);
  FilterSettings settings;
  settings.kind = FilterKind::deterministic;
  twin::make_filter(settings)->analyse(ensemble, seen, 0);
  Eigen::MatrixXd keep = Eigen::MatrixXd::Identity(sites, sites);
  keep(Eigen::all, seen.sites) -= 0.5 * gain(prior.covariance, seen);
  const Gauss known{kalman(prior, seen).mean, keep * prior.covariance * keep.transpose()};
  CHECK(apart(gauss(ensemble), known) < 1e-12);
}

TEST_CASE("perturbed observations are the Kalman filter in the mean")
{
  FilterSettings settings;
  settings.kind = FilterKind::stochastic;
  const std::size_t count = 12;
  const Gauss prior = [&] {
    Ensemble ensemble = members(MPI_COMM_WORLD, count);
    return gauss(ensemble);
  }();
  Gauss known = kalman(prior, observation(0));
  // Perturbations without mean are scaled up so that each has the error's variance, as in DAPPER:
  // about their mean it is count / (count - 1) of that.
  const Eigen::MatrixXd factor = gain(prior.covariance, observation(0));
  for (Eigen::Index k = 0; k < factor.cols(); ++k) {
    const double deviation = observation(0).deviations[static_cast<std::size_t>(k)];
    known.covariance += deviation * deviation / static_cast<double>(count - 1) * factor.col(k) *
                        factor.col(k).transpose();
  }
  Gauss mean{Eigen::VectorXd::Zero(sites), Eigen::MatrixXd::Zero(sites, sites)};
  const int draws = 4000;
  for (int draw = 0; draw < draws; ++draw) {
    Ensemble ensemble = members(MPI_COMM_SELF, count);
    twin::make_filter(settings)->analyse(ensemble, observation(0), draw);
    const Gauss found = gauss(ensemble);
    mean.mean += found.mean / draws;
    mean.covariance += found.covariance / draws;
    // Perturbations have no mean.
    CHECK((found.mean - known.mean).norm() < 1e-10);
  }
  CHECK(apart(mean, known) < 0.02);
}

TEST_CASE("baselines are the Kalman filter with a covariance that stays")
{
  Ensemble climate_sample = members(MPI_COMM_SELF, 30, 5);
  const Gauss known = gauss(climate_sample);
  const Eigen::MatrixXd& p = known.covariance;
  const twin::Climate climate{{known.mean.data(), known.mean.data() + sites},
                              {p.data(), p.data() + sites * sites}};
  Ensemble start = members(MPI_COMM_WORLD, 1);
  const Observation seen = observation(0);
  const auto after = [&](FilterKind kind) {
    FilterSettings settings;
    settings.kind = kind;
    settings.background = 0.3;
    Ensemble ensemble = start;
    twin::make_filter(settings, &climate)->analyse(ensemble, seen, 0);
    return gauss(ensemble).mean;
  };
  const Eigen::VectorXd before = gauss(start).mean;
  CHECK(after(FilterKind::free_run) == before);
  CHECK(after(FilterKind::climatology) == known.mean);
  CHECK((after(FilterKind::optimal_interpolation) - kalman(known, seen).mean).norm() < 1e-12);
  CHECK((after(FilterKind::variational) - kalman({before, 0.3 * p}, seen).mean).norm() < 1e-12);
  FilterSettings settings;
  settings.kind = FilterKind::variational;
  CHECK_THROWS_AS(twin::make_filter(settings), std::invalid_argument);
}

TEST_CASE("the finite-size filter's inflation minimises its cost")
{
  for (const double surprise : {0.1, 1.0, 5.0}) {
    Ensemble ensemble = members(MPI_COMM_SELF, 5);
    Observation seen = observation(0);
    for (double& each : seen.values) each *= 3 * surprise;
    twin::Prior prior;
    twin::take_prior(prior, ensemble, seen);
    const twin::Spectrum found = twin::spectrum(prior.seen, prior.innovation);
    for (const double confidence : {1.0, 2.0}) {
      const double base = 4;
      const Eigen::MatrixXd identity = Eigen::MatrixXd::Identity(3, 3);
      const double share = (found.values.array() + base).inverse().mean() * base;
      const double mode = (6.0 / 5) / (5.0 / 4);
      const double correction = std::pow(mode, share / 2);
      const auto cost = [&](double inflation) {
        const Eigen::MatrixXd total =
            inflation * inflation * prior.seen.transpose() * prior.seen + base * identity;
        return prior.innovation.dot(total.llt().solve(prior.innovation)) +
               confidence * (6.0 / 5 / correction / (inflation * inflation) +
                             5.0 / 4 * correction * std::log(inflation * inflation));
      };
      const double inflation = std::sqrt(base / twin::finite_size_precision(found, confidence));
      CHECK(cost(inflation) < cost(inflation * 1.003));
      CHECK(cost(inflation) < cost(inflation / 1.003));
      CHECK((surprise > 4) == (inflation > 1.2));
    }
  }
}
