/// Analyses in the space of the members: each new member is the forecast's mean plus a weighted sum
/// of the forecast's anomalies. All of it is computed on every rank, in the same order.
#pragma once

#include "filter.hpp"

#include <Eigen/Core>

#include <cstdint>
#include <span>

namespace twin {

using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// A forecast as analyses need it.
struct Prior {
  Eigen::VectorXd mean;
  /// Members x size.
  Rows anomalies;
  /// Anomalies at the observed sites (members x observations) and the innovation of the mean, both
  /// over the deviations.
  Rows seen;
  Eigen::VectorXd innovation;
};
/// Collective over the ensemble's ranks. Reuses the memory of `prior`. Throws std::invalid_argument
/// where the observation does not fit, std::runtime_error where a member is not finite.
void take_prior(Prior& prior, Ensemble& ensemble, const Observation& observation);
/// Throws std::runtime_error where a number is not finite.
void check_finite(std::span<const double> numbers);
/// This rank's members become mean + weights (members x members) * anomalies.
void compose(Ensemble& ensemble, const Prior& prior, const Eigen::MatrixXd& weights);

/// Eigenvalues and -vectors of seen * seen^T, and the innovation in their coordinates,
/// vectors^T * seen * innovation.
struct Spectrum {
  Eigen::VectorXd values;
  Eigen::MatrixXd vectors;
  Eigen::VectorXd innovation;
};
/// Throws std::runtime_error where there is none: numbers that are not finite.
Spectrum spectrum(const Rows& seen, const Eigen::VectorXd& innovation);
/// The transform of Bishop, Etherton and Majumdar (2001) with the symmetric root (Hunt, Kostelich
/// and Szunyogh 2007), for anomalies that count as `precision` = N - 1; less means that they are
/// inflated by sqrt((N - 1) / precision) before.
Eigen::MatrixXd square_root_weights(const Spectrum& spectrum, double precision);
/// The precision by which the finite-size filter inflates: members - 1 over the square of the
/// inflation that minimises Bocquet, Raanes and Hannart's (2015) dual cost, with DAPPER's
/// correction of its mode, and its prior `confidence` times as sure.
double finite_size_precision(const Spectrum& spectrum, double confidence);
/// Perturbed observations (Burgers, van Leeuwen and Evensen 1998), the perturbations without mean
/// and rescaled; `seen` and `innovation` as in Prior.
Eigen::MatrixXd stochastic_weights(const Rows& seen, const Eigen::VectorXd& innovation,
                                   std::uint64_t seed, std::int64_t cycle);
/// Half the gain for the anomalies (Sakov and Oke 2008).
Eigen::MatrixXd deterministic_weights(const Rows& seen, const Eigen::VectorXd& innovation);

/// Inflates, then rotates, what the weights make of anomalies; their mean stays.
void post_process(Eigen::MatrixXd& weights, const FilterSettings& settings, std::int64_t cycle);
/// Random, orthogonal, of Haar's measure among those that keep (1, ..., 1).
Eigen::MatrixXd mean_keeping_rotation(Eigen::Index members, std::uint64_t seed, std::int64_t cycle);

}  // namespace twin
