#include "weights.eigen.hpp"

#include "random.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <stdexcept>

namespace twin {
namespace {

double freedom(const Rows& seen)
{
  return static_cast<double>(seen.rows() - 1);
}

// Of seen * seen^T + N - 1: what gains in the space of the members divide by.
Eigen::LLT<Eigen::MatrixXd> innovation_precision(const Rows& seen)
{
  Eigen::MatrixXd matrix = seen * seen.transpose();
  matrix.diagonal().array() += freedom(seen);
  return Eigen::LLT<Eigen::MatrixXd>(matrix);
}

// Row i: the weights that bring member i an innovation of `residuals` (members x observations).
Eigen::MatrixXd gained(const Rows& seen, const Rows& residuals)
{
  return innovation_precision(seen).solve(seen * residuals.transpose()).transpose();
}

std::runtime_error not_finite()
{
  return std::runtime_error(
      "a member of the ensemble is not finite (the filter lost track, or the model's step is too "
      "long); more inflation, more members, a smaller radius or a shorter step keep it from it");
}

}  // namespace

void check_finite(std::span<const double> numbers)
{
  if (!std::ranges::all_of(numbers, [](double each) { return std::isfinite(each); })) {
    throw not_finite();
  }
}

void take_prior(Prior& prior, Ensemble& ensemble, const Observation& observation)
{
  observation.check(ensemble.size());
  const auto members = static_cast<Eigen::Index>(ensemble.members());
  const auto size = static_cast<Eigen::Index>(ensemble.size());
  const auto observations = static_cast<Eigen::Index>(observation.size());
  const std::span<double> everything = ensemble.gather();
  prior.mean.resize(size);
  statistics(everything, std::span(prior.mean.data(), ensemble.size()), {});
  prior.anomalies = Eigen::Map<const Rows>(everything.data(), members, size);
  prior.anomalies.rowwise() -= prior.mean.transpose();
  check_finite({prior.anomalies.data(), everything.size()});
  prior.seen.resize(members, observations);
  prior.innovation.resize(observations);
  for (Eigen::Index k = 0; k < observations; ++k) {
    const auto i = static_cast<std::size_t>(k);
    const int site = observation.sites[i];
    const double deviation = observation.deviations[i];
    prior.seen.col(k) = prior.anomalies.col(site) / deviation;
    prior.innovation[k] = (observation.values[i] - prior.mean[site]) / deviation;
  }
}

// In member order, site by site: no blocking that could depend on how many members a rank has.
void compose(Ensemble& ensemble, const Prior& prior, const Eigen::MatrixXd& weights)
{
  const Eigen::Index members = prior.anomalies.rows();
  const std::size_t size = ensemble.size();
  for (std::size_t i = 0; i < ensemble.count(); ++i) {
    const auto row = static_cast<Eigen::Index>(ensemble.first() + i);
    double* x = ensemble.member(i).data();
    std::copy_n(prior.mean.data(), size, x);
    for (Eigen::Index j = 0; j < members; ++j) {
      const double weight = weights(row, j);
      const double* anomaly = prior.anomalies.data() + static_cast<std::size_t>(j) * size;
      for (std::size_t k = 0; k < size; ++k) x[k] += weight * anomaly[k];
    }
  }
}

Spectrum spectrum(const Rows& seen, const Eigen::VectorXd& innovation)
{
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(seen * seen.transpose());
  if (solver.info() != Eigen::Success) throw not_finite();
  return {solver.eigenvalues().cwiseMax(0), solver.eigenvectors(),
          solver.eigenvectors().transpose() * (seen * innovation)};
}

Eigen::MatrixXd square_root_weights(const Spectrum& spectrum, double precision)
{
  const auto members = static_cast<double>(spectrum.values.size());
  const Eigen::ArrayXd total = spectrum.values.array() + precision;
  const Eigen::VectorXd mean = spectrum.vectors * (spectrum.innovation.array() / total).matrix();
  const Eigen::VectorXd scale = (std::sqrt(members - 1) / total.sqrt()).matrix();
  Eigen::MatrixXd weights = spectrum.vectors * scale.asDiagonal() * spectrum.vectors.transpose();
  weights.rowwise() += mean.transpose();
  return weights;
}

double finite_size_precision(const Spectrum& spectrum, double confidence)
{
  const Eigen::ArrayXd values = spectrum.values.array();
  const auto members = static_cast<double>(values.size());
  const double base = members - 1;
  // The prior of the inflation, its mode moved towards 1 where observations say little.
  double unknown_mean = (members + 1) / members;
  double log_weight = members / base;
  const double share = (values + base).inverse().mean() * base;
  const double correction = std::sqrt(std::pow(unknown_mean / log_weight, share));
  unknown_mean *= confidence / correction;
  log_weight *= confidence * correction;
  // The innovation's square along each direction that the members span: innovation^2 / value.
  const double largest = values.maxCoeff();
  const Eigen::ArrayXd square =
      (values > 1e-12 * largest && values > 0)
          .select(spectrum.innovation.array().square() / values.max(1e-300), 0);
  // Newton's method for the derivative's zero, in the inflation.
  double inflation = 1;
  for (int turn = 0; turn < 100; ++turn) {
    const Eigen::ArrayXd total = inflation * inflation * values + base;
    const double slope = -2 * inflation * (values * square / total.square()).sum() -
                         2 * unknown_mean / std::pow(inflation, 3) + 2 * log_weight / inflation;
    const double bend =
        8 * inflation * inflation * (values.square() * square / total.cube()).sum() +
        6 * unknown_mean / std::pow(inflation, 4) - 2 * log_weight / (inflation * inflation) -
        2 * (values * square / total.square()).sum();
    double change = bend > 0 ? slope / bend : (slope > 0 ? 0.1 : -0.1);
    change = std::clamp(change, -0.5, inflation / 2);
    inflation -= change;
    if (std::abs(change) < 1e-6) break;
  }
  return base / (inflation * inflation);
}

Eigen::MatrixXd stochastic_weights(const Rows& seen, const Eigen::VectorXd& innovation,
                                   std::uint64_t seed, std::int64_t cycle)
{
  const Eigen::Index members = seen.rows();
  Rows perturbations(members, seen.cols());
  for (Eigen::Index i = 0; i < members; ++i) {
    Random random(seed, Purpose::perturbations, cycle, i);
    for (Eigen::Index k = 0; k < seen.cols(); ++k) perturbations(i, k) = random.gaussian();
  }
  const Eigen::RowVectorXd mean = perturbations.colwise().mean();
  perturbations.rowwise() -= mean;
  perturbations *= std::sqrt(static_cast<double>(members) / freedom(seen));
  // What member i misses: innovation - perturbation - its own anomaly.
  Rows residuals = -(perturbations + seen);
  residuals.rowwise() += innovation.transpose();
  return gained(seen, residuals) + Eigen::MatrixXd::Identity(members, members);
}

Eigen::MatrixXd deterministic_weights(const Rows& seen, const Eigen::VectorXd& innovation)
{
  Rows residuals = -0.5 * seen;
  residuals.rowwise() += innovation.transpose();
  return gained(seen, residuals) + Eigen::MatrixXd::Identity(seen.rows(), seen.rows());
}

void post_process(Eigen::MatrixXd& weights, const FilterSettings& settings, std::int64_t cycle)
{
  const Eigen::RowVectorXd mean = weights.colwise().mean();
  weights.rowwise() -= mean;
  if (settings.rotate) {
    weights = (mean_keeping_rotation(weights.rows(), settings.seed, cycle) * weights).eval();
  }
  weights *= settings.inflation;
  weights.rowwise() += mean;
}

}  // namespace twin
