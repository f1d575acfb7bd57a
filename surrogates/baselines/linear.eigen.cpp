#include "baselines/linear.eigen.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace cardan::baselines {

using Eigen::Index;
using Eigen::VectorXd;
using Matrix = Eigen::Map<const Eigen::MatrixXd>;
using Vector = Eigen::Map<const Eigen::VectorXd>;
using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

namespace {
/// Samples that are answered at once.
constexpr std::int64_t chunk = 256;
/// What is further from all samples than this has no answer worth a number.
constexpr double most_leverage = 1e8;
}  // namespace

struct LinearModel::View {
  double count;
  Vector mean;
  Vector scale;
  Vector intercept;
  Vector deviation;
  Matrix coefficients;
  Matrix leverage;
};

LinearModel::LinearModel(const Signature& signature)
    : inputs_(signature.inputs), outputs_(signature.outputs)
{
  const std::int64_t p = inputs_.width();
  const std::int64_t m = outputs_.width();
  state_.assign(static_cast<std::size_t>(1 + 2 * p + 2 * m + p * m + p * p), 0);
}

LinearModel::View LinearModel::view() const
{
  const Index p = inputs_.width();
  const Index m = outputs_.width();
  const double* mean = state_.data() + 1;
  const double* scale = mean + p;
  const double* intercept = scale + p;
  const double* deviation = intercept + m;
  const double* coefficients = deviation + m;
  return {state_[0],
          Vector(mean, p),
          Vector(scale, p),
          Vector(intercept, m),
          Vector(deviation, m),
          Matrix(coefficients, p, m),
          Matrix(coefficients + p * m, p, p)};
}

void LinearModel::take(const Fit& fit)
{
  double* to = state_.data();
  *to++ = fit.count;
  for (const VectorXd* part : {&fit.mean, &fit.scale, &fit.intercept, &fit.deviation})
    to = std::copy(part->begin(), part->end(), to);
  for (const Eigen::MatrixXd* part : {&fit.coefficients, &fit.leverage})
    to = std::copy_n(part->data(), part->size(), to);
}

void LinearModel::read(const std::byte* state)
{
  std::memcpy(state_.data(), state, state_bytes());
}

void LinearModel::write(std::byte* state) const
{
  std::memcpy(state, state_.data(), state_bytes());
}

void LinearModel::predict(const Batch& inputs, const Answers& answers)
{
  const View fit = view();
  const Index p = inputs_.width();
  const Index m = outputs_.width();
  for (std::int64_t first = 0; first < inputs.count; first += chunk) {
    const Index count = std::min(chunk, inputs.count - first);
    Rows z(count, p);
    inputs_.read(inputs.columns, first, count, z.data());
    Rows y = Rows::Zero(count, m);
    if (fit.count > 0) {
      z.rowwise() -= fit.mean.transpose();
      z.array().rowwise() /= fit.scale.transpose().array();
      y = z * fit.coefficients;
      y.rowwise() += fit.intercept.transpose();
    }
    outputs_.write(y.data(), first, count, answers.columns);
    if (answers.spread == nullptr) continue;

    Eigen::Map<Rows> spread(answers.spread + first * m, count, m);
    spread.setConstant(std::numeric_limits<double>::infinity());
    if (!(fit.count > 0)) continue;
    const Rows weighted = z * fit.leverage;
    for (Index r = 0; r < count; ++r) {
      const double leverage = std::max(0.0, z.row(r).dot(weighted.row(r))) + 1 / fit.count;
      if (leverage < most_leverage)
        spread.row(r) = std::sqrt(1 + leverage) * fit.deviation.transpose();
    }
  }
}

void LinearModel::pull_back(const Batch& inputs, const double* cotangents, double* gradients)
{
  const View fit = view();
  Eigen::Map<Rows> to(gradients, inputs.count, inputs_.width());
  to.setZero();
  if (!(fit.count > 0)) return;
  to = Eigen::Map<const Rows>(cotangents, inputs.count, outputs_.width()) *
       fit.coefficients.transpose();
  to.array().rowwise() /= fit.scale.transpose().array();
}

LinearLearner::LinearLearner(const LinearSettings& settings, const Signature& signature,
                             const Trainee& trainee)
    : Learner(signature),
      settings_(settings),
      trainee_(trainee),
      triangle_(inputs().width() + outputs().width(), settings.forget),
      published_(signature)
{}

void LinearLearner::learn(const Pairs& pairs)
{
  triangle_.add(pairs.inputs.data(), inputs().width(), pairs.targets.data(), outputs().width(),
                pairs.count);
}

std::vector<double> LinearLearner::settling_sums(const Batch&, const Batch&)
{
  const std::int64_t part = Triangle::part(inputs().width() + outputs().width());
  std::vector<double> parts(static_cast<std::size_t>(part * trainee_.ranks), 0);
  triangle_.write(parts.data() + part * trainee_.rank);
  return parts;
}

void LinearLearner::settle(const std::vector<double>& joined)
{
  const Scatter scatter =
      Triangle::join(joined.data(), trainee_.ranks, inputs().width() + outputs().width());
  if (scatter.count > 0) published_.take(fit(scatter, inputs().width(), settings_.ridge, {}));
}

}  // namespace cardan::baselines
