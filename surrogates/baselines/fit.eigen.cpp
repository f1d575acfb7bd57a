// Least squares out of one triangular factor.
#include "baselines/linear.eigen.hpp"

#include <Eigen/QR>

#include <algorithm>
#include <cmath>
#include <limits>

namespace cardan::baselines {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {
/// Leverage of a unit step where no sample ever went.
constexpr double unseen = 1e10;
constexpr double collinear = 1e-12;
constexpr double epsilon = std::numeric_limits<double>::epsilon();
}  // namespace

// With R = [A C; 0 D] split into inputs and outputs, the least squares of the outputs on the inputs
// are those of C on A; what they leave is C - A B, and D below.
Fit fit(const Scatter& scatter, std::int64_t inputs, double ridge, const MatrixXd& modes)
{
  const Index p = inputs;
  const Index m = scatter.mean.size() - p;
  const double root = std::sqrt(scatter.count);
  Fit result;
  result.count = scatter.count;
  result.mean = scatter.mean.head(p);
  result.intercept = scatter.mean.tail(m);
  result.scale = VectorXd::Ones(p);

  MatrixXd left = MatrixXd::Zero(ridge > 0 ? 2 * p : p, p);
  MatrixXd right = MatrixXd::Zero(left.rows(), m);
  right.topRows(p) = scatter.factor.topRightCorner(p, m) / root;
  for (Index i = 0; i < p; ++i) {
    const double deviation = scatter.factor.col(i).norm() / root;
    // An input that varies by rounding only is constant.
    if (!(deviation > 8 * epsilon * std::abs(result.mean(i)))) continue;
    result.scale(i) = deviation;
    left.col(i).head(p) = scatter.factor.col(i).head(p) / (root * deviation);
  }
  if (ridge > 0) left.bottomRows(p).diagonal().setConstant(std::sqrt(ridge));

  Eigen::CompleteOrthogonalDecomposition<MatrixXd> decomposition;
  decomposition.setThreshold(std::max(collinear, 16 * epsilon * static_cast<double>(p)));
  decomposition.compute(left);
  result.coefficients = decomposition.solve(right);
  if (modes.cols() > 0) {
    const MatrixXd reduced = result.coefficients * modes;
    result.coefficients = reduced * modes.transpose();
  }

  const double freedom = scatter.count - static_cast<double>(decomposition.rank()) - 1;
  result.deviation = VectorXd::Constant(m, std::numeric_limits<double>::infinity());
  if (freedom > 0.5) {
    const MatrixXd unexplained = right.topRows(p) - left.topRows(p) * result.coefficients;
    const VectorXd squares =
        unexplained.colwise().squaredNorm().transpose() * scatter.count +
        scatter.factor.bottomRightCorner(m, m).colwise().squaredNorm().transpose();
    result.deviation = (squares / freedom).cwiseSqrt();
  }
  const MatrixXd inverse = decomposition.pseudoInverse();
  result.leverage = inverse * inverse.transpose() / scatter.count;
  if (decomposition.rank() < p)
    result.leverage += unseen * (MatrixXd::Identity(p, p) - inverse * left);
  return result;
}

}  // namespace cardan::baselines
