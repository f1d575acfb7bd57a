#include "baselines/triangle.eigen.hpp"

#include <Eigen/QR>

#include <algorithm>
#include <cmath>

namespace cardan::baselines {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {

/// Replaces the upper square of `stack` by the triangle of its QR factorisation.
void triangulate(Eigen::Ref<MatrixXd> stack)
{
  const Index width = stack.cols();
  const Eigen::HouseholderQR<Eigen::Ref<MatrixXd>> factorisation(stack);
  stack.topRows(width).triangularView<Eigen::StrictlyLower>().setZero();
  stack.bottomRows(stack.rows() - width).setZero();
}

/// A part: the weight, the origin, and the triangle, column by column without its zeros.
struct Part {
  double weight;
  VectorXd origin;
  MatrixXd triangle;
};

Part unpack(const double* from, std::int64_t width)
{
  Part part{from[0], Eigen::Map<const VectorXd>(from + 1, width),
            MatrixXd::Zero(width + 1, width + 1)};
  from += 1 + width;
  for (Index column = 0; column <= width; ++column) {
    part.triangle.col(column).head(column + 1) = Eigen::Map<const VectorXd>(from, column + 1);
    from += column + 1;
  }
  return part;
}

}  // namespace

Triangle::Triangle(std::int64_t width, double forget)
    : width_(width),
      forget_(forget),
      origin_(VectorXd::Zero(width)),
      stack_(MatrixXd::Zero(width + 1 + std::max<std::int64_t>(64, width + 1), width + 1))
{}

// The first row is everybody's origin: of numbers that vary little, the digits that do are kept.
void Triangle::add(const double* left_rows, std::int64_t left, const double* right_rows,
                   std::int64_t right, std::int64_t count)
{
  for (std::int64_t r = 0; r < count; ++r) {
    VectorXd row(width_);
    row.head(left) = Eigen::Map<const VectorXd>(left_rows + r * left, left);
    row.tail(right) = Eigen::Map<const VectorXd>(right_rows + r * right, right);
    if (!has_origin_) {
      origin_ = row;
      has_origin_ = true;
    }
    auto place = stack_.row(width_ + 1 + waiting_++);
    place(0) = 1;
    place.tail(width_) = (row - origin_).transpose();
    weight_ = weight_ * forget_ + 1;
    if (width_ + 1 + waiting_ == stack_.rows()) fold();
  }
}

void Triangle::fold()
{
  if (waiting_ == 0) return;
  if (forget_ < 1) {
    const double root = std::sqrt(forget_);
    stack_.topRows(width_ + 1) *= std::pow(root, static_cast<double>(waiting_));
    for (std::int64_t i = 0; i < waiting_; ++i)
      stack_.row(width_ + 1 + i) *= std::pow(root, static_cast<double>(waiting_ - 1 - i));
  }
  triangulate(stack_.topRows(width_ + 1 + waiting_));
  waiting_ = 0;
}

std::int64_t Triangle::part(std::int64_t width)
{
  return 1 + width + (width + 1) * (width + 2) / 2;
}

void Triangle::write(double* part)
{
  fold();
  *part++ = weight_;
  part = std::copy(origin_.begin(), origin_.end(), part);
  for (Index column = 0; column <= width_; ++column)
    part = std::copy_n(stack_.col(column).begin(), column + 1, part);
}

// A row about another origin is the same row, but for a multiple of its leading 1: of a triangle,
// only the first row changes.
Scatter Triangle::join(const double* parts, int ranks, std::int64_t width)
{
  Scatter joined{0, VectorXd::Zero(width), MatrixXd::Zero(width, width)};
  MatrixXd stack = MatrixXd::Zero(2 * (width + 1), width + 1);
  VectorXd origin = VectorXd::Zero(width);
  for (int rank = 0; rank < ranks; ++rank) {
    Part next = unpack(parts + rank * part(width), width);
    if (!(next.weight > 0)) continue;
    if (joined.count == 0) origin = next.origin;
    next.triangle.row(0).tail(width) += next.triangle(0, 0) * (next.origin - origin).transpose();
    joined.count += next.weight;
    stack.bottomRows(width + 1) = next.triangle;
    triangulate(stack);
  }
  if (joined.count == 0) return joined;
  joined.mean = origin + stack.row(0).tail(width).transpose() / stack(0, 0);
  joined.factor = stack.block(1, 1, width, width);
  return joined;
}

}  // namespace cardan::baselines
