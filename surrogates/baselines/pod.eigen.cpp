#include "baselines/pod.eigen.hpp"

#include <Eigen/SVD>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace cardan::baselines {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

namespace {
constexpr std::int64_t chunk = 256;
}

MatrixXd modes_of(const Scatter& scatter, std::int64_t inputs, std::int64_t modes)
{
  const Index width = scatter.mean.size();
  const Index m = width - inputs;
  // Rows below as many as there are samples are zero.
  const Index rows = std::min<Index>(width, static_cast<Index>(std::ceil(scatter.count)));
  const Eigen::BDCSVD<MatrixXd> svd(scatter.factor.topRightCorner(rows, m), Eigen::ComputeThinV);
  const VectorXd& values = svd.singularValues();
  const double rounding = std::numeric_limits<double>::epsilon() * static_cast<double>(m);
  MatrixXd found = MatrixXd::Zero(m, modes);
  for (Index k = 0; k < std::min<Index>(modes, values.size()); ++k)
    if (values(k) > rounding * values(0)) found.col(k) = svd.matrixV().col(k);
  return found;
}

Projection::Projection(const Signature& signature, std::int64_t modes)
    : inputs_(signature.inputs), outputs_(signature.outputs), modes_(modes)
{
  state_.assign(static_cast<std::size_t>(1 + outputs_.width() * (1 + modes)), 0);
}

void Projection::take(const Scatter& scatter, const MatrixXd& modes)
{
  double* to = state_.data();
  *to++ = scatter.count;
  to = std::copy(scatter.mean.begin(), scatter.mean.end(), to);
  std::copy_n(modes.data(), modes.size(), to);
}

void Projection::read(const std::byte* state)
{
  std::memcpy(state_.data(), state, state_bytes());
}

void Projection::write(std::byte* state) const
{
  std::memcpy(state, state_.data(), state_bytes());
}

void Projection::predict(const Batch& inputs, const Answers& answers)
{
  const Index m = outputs_.width();
  const Eigen::Map<const VectorXd> mean(state_.data() + 1, m);
  const Eigen::Map<const MatrixXd> modes(state_.data() + 1 + m, m, modes_);
  for (std::int64_t first = 0; first < inputs.count; first += chunk) {
    const Index count = std::min(chunk, inputs.count - first);
    Rows x(count, m);
    inputs_.read(inputs.columns, first, count, x.data());
    x.rowwise() -= mean.transpose();
    const MatrixXd coefficients = x * modes;
    const Rows projected = coefficients * modes.transpose();
    const Rows y = projected.rowwise() + mean.transpose();
    outputs_.write(y.data(), first, count, answers.columns);
    if (answers.spread == nullptr) continue;
    Eigen::Map<Rows> spread(answers.spread + first * m, count, m);
    if (state_[0] > 0)
      spread = (x - projected).cwiseAbs();
    else
      spread.setConstant(std::numeric_limits<double>::infinity());
  }
}

PodLearner::PodLearner(const PodSettings& settings, const Signature& signature,
                       const Trainee& trainee)
    : Learner(signature),
      settings_(settings),
      trainee_(trainee),
      triangle_(regressors() + outputs().width())
{
  if (settings_.reconstruct)
    projection_.emplace(signature, settings_.rank);
  else
    regression_.emplace(signature);
}

std::int64_t PodLearner::regressors() const
{
  return settings_.reconstruct ? 0 : inputs().width();
}

void PodLearner::learn(const Pairs& pairs)
{
  triangle_.add(pairs.inputs.data(), regressors(), pairs.targets.data(), outputs().width(),
                pairs.count);
}

std::vector<double> PodLearner::settling_sums(const Batch&, const Batch&)
{
  const std::int64_t part = Triangle::part(regressors() + outputs().width());
  std::vector<double> parts(static_cast<std::size_t>(part * trainee_.ranks), 0);
  triangle_.write(parts.data() + part * trainee_.rank);
  return parts;
}

void PodLearner::settle(const std::vector<double>& joined)
{
  const Scatter scatter =
      Triangle::join(joined.data(), trainee_.ranks, regressors() + outputs().width());
  if (!(scatter.count > 0)) return;
  const MatrixXd modes = modes_of(scatter, regressors(), settings_.rank);
  if (projection_)
    projection_->take(scatter, modes);
  else
    regression_->take(fit(scatter, regressors(), 0, modes));
}

Model& PodLearner::published()
{
  if (projection_) return *projection_;
  return *regression_;
}

std::size_t PodLearner::state_bytes() const
{
  return projection_ ? projection_->state_bytes() : regression_->state_bytes();
}

void PodLearner::write(std::byte* state) const
{
  if (projection_)
    projection_->write(state);
  else
    regression_->write(state);
}

}  // namespace cardan::baselines
