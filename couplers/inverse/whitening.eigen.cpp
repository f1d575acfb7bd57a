#include "couplers/inverse/whitening.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Core>

#include <cmath>

namespace cardan::inverse {

using Eigen::Index;
using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using RowsIn = Eigen::Map<const Rows>;

std::vector<double> whitening_of(std::span<const double> deviation, std::span<const double> errors,
                                 std::size_t count, bool full)
{
  const auto m = static_cast<Index>(deviation.size());
  std::vector<double> result;
  if (!full) {
    result.reserve(deviation.size());
    for (std::size_t j = 0; j < deviation.size(); ++j) {
      double variance = deviation[j] * deviation[j];
      for (std::size_t i = 0; i < count; ++i) {
        const double error = errors[i * deviation.size() + j];
        variance += error * error / static_cast<double>(count);
      }
      result.push_back(1 / std::sqrt(variance));
    }
    return result;
  }
  const RowsIn rows(errors.data(), static_cast<Index>(count), m);
  Eigen::MatrixXd covariance = rows.transpose() * rows / static_cast<double>(count);
  const double trust = static_cast<double>(count) / static_cast<double>(count + deviation.size());
  const Eigen::VectorXd diagonal = covariance.diagonal();
  covariance *= trust;
  covariance.diagonal() = diagonal;
  for (Index j = 0; j < m; ++j) {
    const double own = deviation[static_cast<std::size_t>(j)];
    covariance(j, j) += own * own;
  }
  // Rows from the right: r L^-T, whose squares add up to r C^-1 r.
  const Rows white = covariance.llt().matrixL().solve(Eigen::MatrixXd::Identity(m, m)).transpose();
  result.assign(white.data(), white.data() + white.size());
  return result;
}

void half_squares(const std::vector<double>& whitening, std::span<const double> rows,
                  std::size_t count, std::span<double> result)
{
  const auto m = static_cast<Index>(rows.size() / count);
  const RowsIn in(rows.data(), static_cast<Index>(count), m);
  const bool full = whitening.size() > static_cast<std::size_t>(m);
  Rows white;
  if (full)
    white = in * RowsIn(whitening.data(), m, m);
  else
    white =
        in.array().rowwise() * Eigen::Map<const Eigen::RowVectorXd>(whitening.data(), m).array();
  for (std::size_t i = 0; i < count; ++i)
    result[i] = 0.5 * white.row(static_cast<Index>(i)).squaredNorm();
}

}  // namespace cardan::inverse
