#include "couplers/inverse/covariance.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Core>

namespace cardan::inverse {

using Eigen::Index;
using Matrix = Eigen::MatrixXd;
using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using RowsIn = Eigen::Map<const Rows>;
using VectorIn = Eigen::Map<const Eigen::VectorXd>;

namespace {

Index index(std::size_t i)
{
  return static_cast<Index>(i);
}

VectorIn vector(const std::vector<double>& values)
{
  return {values.data(), index(values.size())};
}

}  // namespace

Information::Information(const Measure& measure)
    : measure_(measure), sum_(measure.parameters() * measure.parameters(), 0)
{}

void Information::add(std::span<const double> jacobian)
{
  const Index n = index(measure_.parameters());
  Rows scaled = RowsIn(jacobian.data(), index(measure_.data.size()), n);
  scaled.array().colwise() /= vector(measure_.data_deviation).array();
  Eigen::Map<Rows>(sum_.data(), n, n) += scaled.transpose() * scaled;
  ++count_;
}

// In units of the prior's deviations, where its information is one: well conditioned from below.
std::vector<double> Information::factor() const
{
  const Index n = index(measure_.parameters());
  const Eigen::VectorXd deviation = vector(measure_.prior_deviation);
  Matrix hessian = RowsIn(sum_.data(), n, n) / std::max(1.0, count_);
  hessian = deviation.asDiagonal() * hessian * deviation.asDiagonal();
  hessian.diagonal().array() += 1;
  const Matrix covariance = hessian.llt().solve(Matrix::Identity(n, n));
  const Matrix lower = covariance.llt().matrixL();
  const Rows scaled = deviation.asDiagonal() * lower;
  return {scaled.data(), scaled.data() + scaled.size()};
}

std::vector<double> regressed_jacobian(const Measure& measure, std::span<const double> thetas,
                                       std::span<const double> predictions, std::size_t count)
{
  const Index n = index(measure.parameters());
  const Index m = index(measure.data.size());
  const Eigen::VectorXd deviation = vector(measure.prior_deviation);
  Rows jacobian = Rows::Zero(m, n);
  if (count > 1) {
    Rows x = RowsIn(thetas.data(), index(count), n);
    Rows y = RowsIn(predictions.data(), index(count), m);
    x.rowwise() -= x.colwise().mean().eval();
    y.rowwise() -= y.colwise().mean().eval();
    x.array().rowwise() /= deviation.transpose().array();
    Matrix scatter = x.transpose() * x;
    const double ridge = 1e-3 * scatter.trace() / static_cast<double>(n) + 1e-12;
    scatter.diagonal().array() += ridge;
    jacobian = scatter.llt().solve(x.transpose() * y).transpose();
    jacobian.array().rowwise() /= deviation.transpose().array();
  }
  return {jacobian.data(), jacobian.data() + jacobian.size()};
}

}  // namespace cardan::inverse
