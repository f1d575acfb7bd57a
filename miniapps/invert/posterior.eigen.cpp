#include "posterior.hpp"

#include "statistics.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <random>

namespace invert {

namespace {

using Vector = Eigen::VectorXd;
using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

std::span<const double> view(const Vector& vector)
{
  return {vector.data(), static_cast<std::size_t>(vector.size())};
}

std::span<double> view(Vector& vector)
{
  return {vector.data(), static_cast<std::size_t>(vector.size())};
}

/// Gauss and Newton's matrix of the negative logarithm of the density.
Eigen::MatrixXd curvature(Posterior& posterior, const Vector& theta)
{
  std::vector<double> rows;
  posterior.jacobian(view(theta), rows);
  const Eigen::Map<const Rows> jacobian{
      rows.data(), static_cast<Eigen::Index>(rows.size() / posterior.parameters()), theta.size()};
  const double weight = 1 / (error_deviation * error_deviation);
  Eigen::MatrixXd matrix = weight * jacobian.transpose() * jacobian;
  matrix.diagonal().array() += 1 / (posterior.prior().deviation * posterior.prior().deviation);
  return matrix;
}

}  // namespace

Posterior::Posterior(const Prior& prior, std::span<const double> data, const Mesh& mesh)
    : prior_{prior},
      data_(data.begin(), data.end()),
      membrane_{mesh},
      stiffness_(mesh.parameters()),
      misfit_(mesh.measurements())
{}

void Posterior::solve(std::span<const double> theta)
{
  for (std::size_t i = 0; i < stiffness_.size(); ++i) stiffness_[i] = std::exp(theta[i]);
  membrane_.solve(stiffness_, misfit_);
}

double Posterior::log_density(std::span<const double> theta)
{
  solve(theta);
  const double likelihood = log_likelihood(misfit_, data_);
  for (std::size_t i = 0; i < misfit_.size(); ++i) misfit_[i] = data_[i] - misfit_[i];
  double squares = 0;
  for (const double value : theta) squares += (value - prior_.mean) * (value - prior_.mean);
  return likelihood - squares / (2 * prior_.deviation * prior_.deviation);
}

double Posterior::log_density(std::span<const double> theta, std::span<double> gradient)
{
  const double density = log_density(theta);
  std::vector<double> cotangent = misfit_;
  for (double& value : cotangent) value /= error_deviation * error_deviation;
  membrane_.pull_back(stiffness_, cotangent, gradient);
  for (std::size_t i = 0; i < stiffness_.size(); ++i)
    gradient[i] = gradient[i] * stiffness_[i] -
                  (theta[i] - prior_.mean) / (prior_.deviation * prior_.deviation);
  return density;
}

void Posterior::jacobian(std::span<const double> theta, std::vector<double>& rows)
{
  solve(theta);
  const std::size_t count = stiffness_.size();
  rows.resize(misfit_.size() * count);
  std::vector<double> unit(misfit_.size(), 0.0);
  for (std::size_t k = 0; k < unit.size(); ++k) {
    unit[k] = 1;
    const std::span<double> row{rows.data() + k * count, count};
    membrane_.pull_back(stiffness_, unit, row);
    for (std::size_t i = 0; i < count; ++i) row[i] *= stiffness_[i];
    unit[k] = 0;
  }
}

Laplace laplace(Posterior& posterior)
{
  const auto count = static_cast<Eigen::Index>(posterior.parameters());
  Vector theta = Vector::Zero(count);
  Vector gradient{count};
  Laplace result;
  double density = posterior.log_density(view(theta), view(gradient));
  double damping = 1;
  for (; result.steps < 200 && damping < 1e12; ++result.steps) {
    Eigen::MatrixXd matrix = curvature(posterior, theta);
    matrix.diagonal() *= 1 + damping;
    const Vector next = theta + matrix.llt().solve(gradient);
    Vector slope{count};
    const double reached = posterior.log_density(view(next), view(slope));
    if (!(reached > density)) {
      damping *= 4;
      continue;
    }
    const bool done = reached - density < 1e-9;
    theta = next;
    gradient = slope;
    density = reached;
    damping /= 4;
    if (done) break;
  }
  const Eigen::MatrixXd covariance =
      curvature(posterior, theta).llt().solve(Eigen::MatrixXd::Identity(count, count));
  result.mode.assign(theta.begin(), theta.end());
  result.covariance.assign(covariance.reshaped().begin(), covariance.reshaped().end());
  result.log_density = density;
  return result;
}

namespace {

class Walker {
 public:
  Walker(Posterior& posterior, const WalkSettings& settings)
      : posterior_{posterior},
        settings_{settings},
        count_{static_cast<Eigen::Index>(posterior.parameters())},
        random_{settings.seed},
        theta_{Vector::Zero(count_)},
        gradient_{Vector::Zero(count_)},
        step_{settings.step}
  {
    if (settings.langevin) {
      const Laplace around = laplace(posterior);
      theta_ = Eigen::Map<const Vector>(around.mode.data(), count_);
      covariance_ = Eigen::Map<const Eigen::MatrixXd>(around.covariance.data(), count_, count_);
      factor_ = covariance_.llt().matrixL();
      step_ = 0.5;
    }
    density_ = evaluate(theta_, gradient_);
  }

  /// Whether it moved. While it warms up, a Langevin walk fits its step to an acceptance of 0.57.
  bool move(bool warming)
  {
    Vector noise{count_};
    for (double& value : noise) value = normal_(random_);
    Vector next;
    Vector slope{count_};
    double ratio = 0;
    if (settings_.langevin) {
      next = theta_ + step_ * step_ / 2 * (covariance_ * gradient_) + step_ * (factor_ * noise);
      const double reached = evaluate(next, slope);
      // log q(theta | next) - log q(next | theta), in coordinates where the covariance is 1.
      const Vector back = theta_ - next - step_ * step_ / 2 * (covariance_ * slope);
      const Vector there = factor_.triangularView<Eigen::Lower>().solve(back) / step_;
      ratio = reached - density_ + (noise.squaredNorm() - there.squaredNorm()) / 2;
      return take(next, slope, reached, ratio, warming);
    }
    next = theta_ + step_ * noise;
    const double reached = evaluate(next, slope);
    return take(next, slope, reached, reached - density_, warming);
  }

  [[nodiscard]] const Vector& theta() const { return theta_; }

 private:
  double evaluate(const Vector& theta, Vector& gradient)
  {
    return settings_.langevin ? posterior_.log_density(view(theta), view(gradient))
                              : posterior_.log_density(view(theta));
  }

  bool take(const Vector& next, const Vector& slope, double reached, double ratio, bool warming)
  {
    const bool moves = std::log(uniform_(random_)) < ratio;
    if (moves) {
      theta_ = next;
      gradient_ = slope;
      density_ = reached;
    }
    if (warming && settings_.langevin) step_ *= std::exp(0.02 * ((moves ? 1.0 : 0.0) - 0.57));
    return moves;
  }

  Posterior& posterior_;
  const WalkSettings& settings_;
  Eigen::Index count_;
  std::mt19937_64 random_;
  std::normal_distribution<double> normal_;
  std::uniform_real_distribution<double> uniform_;
  Vector theta_;
  Vector gradient_;
  double step_;
  double density_ = 0;
  Eigen::MatrixXd covariance_;
  Eigen::MatrixXd factor_;
};

}  // namespace

Walk walk(Posterior& posterior, const WalkSettings& settings)
{
  Walker walker{posterior, settings};
  const auto steps = static_cast<std::size_t>(settings.steps);
  std::vector<std::vector<double>> traces(posterior.parameters(), std::vector<double>(steps));
  for (std::int64_t i = 0; i < settings.warmup; ++i) walker.move(true);
  std::size_t moved = 0;
  for (std::size_t i = 0; i < steps; ++i) {
    if (walker.move(false)) ++moved;
    for (std::size_t k = 0; k < traces.size(); ++k)
      traces[k][i] = walker.theta()[static_cast<Eigen::Index>(k)];
  }
  Walk result;
  result.acceptance = static_cast<double>(moved) / static_cast<double>(steps);
  for (const auto& trace : traces) {
    result.mean.push_back(mean_of(trace));
    result.deviation.push_back(deviation_of(trace));
    result.effective.push_back(effective_samples(trace));
  }
  return result;
}

}  // namespace invert
