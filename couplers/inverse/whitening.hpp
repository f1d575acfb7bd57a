/// Residuals in units of their covariance: the data's error and the surrogate's together.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace cardan::inverse {

/// What makes residuals of covariance diag(deviation^2) + cov(errors) white: the deviations'
/// inverses, or (`full`) a square matrix, row by row, for rows from the right. `errors`: `count`
/// rows without their mean; the covariance of few is drawn towards its diagonal.
std::vector<double> whitening_of(std::span<const double> deviation, std::span<const double> errors,
                                 std::size_t count, bool full);
/// Of `count` rows half the sum of squares, made white.
void half_squares(const std::vector<double>& whitening, std::span<const double> rows,
                  std::size_t count, std::span<double> result);

}  // namespace cardan::inverse
