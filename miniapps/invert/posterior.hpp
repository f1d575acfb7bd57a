/// The posterior density of log a, and a Metropolis walk through it that is written down as plainly
/// as it can be: what the coupler's chains are checked against.
#pragma once

#include "benchmark.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace invert {

/// Of theta = log a, by blocks.
class Posterior {
 public:
  Posterior(const Prior& prior, std::span<const double> data, const Mesh& mesh = {});

  [[nodiscard]] std::size_t parameters() const { return stiffness_.size(); }
  /// Without its constant.
  double log_density(std::span<const double> theta);
  /// And its gradient.
  double log_density(std::span<const double> theta, std::span<double> gradient);
  /// The measured values' derivatives: row by row, one row for each measurement.
  void jacobian(std::span<const double> theta, std::vector<double>& rows);

  [[nodiscard]] const Prior& prior() const { return prior_; }
  /// Data less what is measured, of the last density.
  [[nodiscard]] std::span<const double> misfit() const { return misfit_; }

 private:
  void solve(std::span<const double> theta);

  Prior prior_;
  std::vector<double> data_;
  Membrane membrane_;
  std::vector<double> stiffness_;
  std::vector<double> misfit_;
};

/// Where the density is largest, by damped Gauss-Newton steps from theta = 0, and the inverse of
/// the matrix J'J / deviation^2 + 1 / prior variance there: the covariance of Laplace's
/// approximation, row by row.
struct Laplace {
  std::vector<double> mode;
  std::vector<double> covariance;
  double log_density = 0;
  int steps = 0;
};
Laplace laplace(Posterior& posterior);

struct WalkSettings {
  std::int64_t steps = 10000;
  /// Steps before those that count.
  std::int64_t warmup = 1000;
  std::uint64_t seed = 1;
  /// Langevin proposals with Laplace's covariance (MALA) from its mode; else the published walk
  /// from a = 1: steps of this deviation in log a.
  bool langevin = true;
  double step = published_step;
};

struct Walk {
  std::vector<double> mean;
  std::vector<double> deviation;
  /// Of each parameter: Geyer's initial monotone sequence.
  std::vector<double> effective;
  double acceptance = 0;
};
Walk walk(Posterior& posterior, const WalkSettings& settings);

}  // namespace invert
