/// Covariances of proposals: what data and prior leave of the parameters, by a linearised model.
#pragma once

#include "couplers/inverse/measure.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace cardan::inverse {

/// Adds up what data say of the parameters where the model is linear; the mean over several points
/// is the expected Gauss-Newton Hessian that finds the directions informed by data (Cui, Law and
/// Marzouk, "Dimension-independent likelihood-informed MCMC", 2016).
class Information {
 public:
  explicit Information(const Measure& measure);
  /// `jacobian`: data x parameters, row by row.
  void add(std::span<const double> jacobian);
  /// Lower triangle of the covariance's Cholesky factor, row by row, of the mean over what was
  /// added and the prior.
  [[nodiscard]] std::vector<double> factor() const;

 private:
  const Measure& measure_;
  std::vector<double> sum_;
  double count_ = 0;
};

/// The Jacobian of the linear model that fits `count` solves best (parameters and predictions, row
/// by row), kept small in units of the prior where there are few.
std::vector<double> regressed_jacobian(const Measure& measure, std::span<const double> thetas,
                                       std::span<const double> predictions, std::size_t count);

}  // namespace cardan::inverse
