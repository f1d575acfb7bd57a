#include "random.hpp"
#include "weights.eigen.hpp"

#include <Eigen/QR>

#include <cmath>

namespace twin {

// diag(1, Q) in a basis whose first vector is (1, ..., 1) / sqrt(N), which one reflection makes.
Eigen::MatrixXd mean_keeping_rotation(Eigen::Index members, std::uint64_t seed, std::int64_t cycle)
{
  const Eigen::Index rest = members - 1;
  Eigen::MatrixXd rotation = Eigen::MatrixXd::Identity(members, members);
  if (rest == 0) return rotation;
  Random random(seed, Purpose::rotation, cycle);
  Eigen::MatrixXd gaussian(rest, rest);
  for (Eigen::Index j = 0; j < rest; ++j) {
    for (Eigen::Index i = 0; i < rest; ++i) gaussian(i, j) = random.gaussian();
  }
  // With a positive diagonal of R the orthogonal factor is uniform (Mezzadri 2007).
  const Eigen::HouseholderQR<Eigen::MatrixXd> qr(gaussian);
  Eigen::MatrixXd orthogonal = qr.householderQ() * Eigen::MatrixXd::Identity(rest, rest);
  for (Eigen::Index j = 0; j < rest; ++j) {
    if (qr.matrixQR()(j, j) < 0) orthogonal.col(j) *= -1;
  }
  rotation.bottomRightCorner(rest, rest) = orthogonal;
  // Reflects (1, 0, ..., 0) to (1, ..., 1) / sqrt(N).
  Eigen::VectorXd normal =
      Eigen::VectorXd::Constant(members, -1 / std::sqrt(static_cast<double>(members)));
  normal[0] += 1;
  normal.normalize();
  const Eigen::RowVectorXd left = normal.transpose() * rotation;
  rotation -= 2 * normal * left;
  const Eigen::VectorXd right = rotation * normal;
  rotation -= 2 * right * normal.transpose();
  return rotation;
}

}  // namespace twin
