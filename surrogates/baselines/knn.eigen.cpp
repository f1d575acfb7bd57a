#include "baselines/knn.eigen.hpp"

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

namespace cardan::baselines {

using Eigen::Index;
using Eigen::VectorXd;
using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Stored = Eigen::Map<const Rows>;

namespace {

constexpr std::int64_t chunk = 64;
constexpr double infinity = std::numeric_limits<double>::infinity();

/// Squared distance and number of a stored sample.
using Neighbour = std::pair<double, Index>;

/// The nearest `wanted` of the stored points, nearest first. `rough` are squared distances up to a
/// common addend, each with an error of at most `error`: they choose those whose distance is then
/// computed without cancellation.
void find_nearest(const Stored& points, const Eigen::Ref<const Eigen::RowVectorXd>& query,
                  const Eigen::Ref<const Eigen::RowVectorXd>& rough, double error, Index wanted,
                  std::vector<double>& order, std::vector<Neighbour>& found)
{
  order.assign(rough.begin(), rough.end());
  std::nth_element(order.begin(), order.begin() + (wanted - 1), order.end());
  const double limit = order[static_cast<std::size_t>(wanted - 1)] + 2 * error;
  found.clear();
  for (Index i = 0; i < rough.size(); ++i)
    if (rough(i) <= limit) found.emplace_back((points.row(i) - query).squaredNorm(), i);
  std::sort(found.begin(), found.end());
  found.resize(static_cast<std::size_t>(wanted));
}

/// Leaves at most `wanted` neighbours, and none that is hit unless there are no others.
void leave_out_hits(std::vector<Neighbour>& neighbours, Index wanted)
{
  const auto first = std::find_if(neighbours.begin(), neighbours.end(),
                                  [](const Neighbour& each) { return each.first > 0; });
  if (first != neighbours.end()) neighbours.erase(neighbours.begin(), first);
  if (static_cast<Index>(neighbours.size()) > wanted)
    neighbours.resize(static_cast<std::size_t>(wanted));
}

/// Replaces squared distances by weights that sum to one; stored inputs that are hit share it all.
void weigh(std::vector<Neighbour>& neighbours)
{
  const bool hit = neighbours.front().first == 0;
  // The nearest has weight 1: no distance is too small to be inverted.
  const double nearest = std::sqrt(neighbours.front().first);
  double sum = 0;
  for (auto& [weight, place] : neighbours) {
    if (hit)
      weight = weight == 0 ? 1 : 0;
    else
      weight = nearest / std::sqrt(weight);
    sum += weight;
  }
  for (auto& [weight, place] : neighbours) weight /= sum;
}

}  // namespace

NearestModel::NearestModel(const KnnSettings& settings, const Signature& signature)
    : settings_(settings), inputs_(signature.inputs), outputs_(signature.outputs)
{
  state_.assign(
      static_cast<std::size_t>(1 + settings.capacity * (inputs_.width() + outputs_.width())), 0);
  prepare();
}

void NearestModel::take(const std::vector<double>& rows)
{
  std::fill(state_.begin(), state_.end(), 0);
  const std::int64_t width = inputs_.width() + outputs_.width();
  const std::int64_t stored = static_cast<std::int64_t>(rows.size()) / width;
  state_[0] = static_cast<double>(stored);
  std::copy(rows.begin(), rows.end(), state_.begin() + 1);
  prepare();
}

void NearestModel::read(const std::byte* state)
{
  std::memcpy(state_.data(), state, state_bytes());
  prepare();
}

void NearestModel::write(std::byte* state) const
{
  std::memcpy(state, state_.data(), state_bytes());
}

void NearestModel::prepare()
{
  const auto held = static_cast<Index>(state_[0]);
  const Index p = inputs_.width();
  const Stored rows(state_.data() + 1, held, p + outputs_.width());
  mean_.assign(static_cast<std::size_t>(p), 0);
  scale_.assign(static_cast<std::size_t>(p), 1);
  points_.resize(static_cast<std::size_t>(held * p));
  squares_.resize(static_cast<std::size_t>(held));
  if (held == 0) return;
  Eigen::Map<VectorXd> mean(mean_.data(), p);
  Eigen::Map<VectorXd> scale(scale_.data(), p);
  Eigen::Map<Rows> points(points_.data(), held, p);
  mean = rows.leftCols(p).colwise().mean().transpose();
  points = rows.leftCols(p).rowwise() - mean.transpose();
  for (Index i = 0; i < p; ++i) {
    const double deviation = std::sqrt(points.col(i).squaredNorm() / static_cast<double>(held));
    // An input that varies by rounding only is constant, and keeps its unit.
    if (deviation > 8 * std::numeric_limits<double>::epsilon() * std::abs(mean(i)))
      scale(i) = deviation;
  }
  points.array().rowwise() /= scale.transpose().array();
  Eigen::Map<VectorXd>(squares_.data(), held) = points.rowwise().squaredNorm();
}

void NearestModel::answer(const Batch& inputs, const Answers& answers, bool leave_out)
{
  const auto held = static_cast<Index>(state_[0]);
  const Index p = inputs_.width();
  const Index m = outputs_.width();
  const Index wanted = std::min<Index>(settings_.neighbours + (leave_out ? 1 : 0), held);
  const Eigen::Map<const Eigen::RowVectorXd> mean(mean_.data(), p);
  const Eigen::Map<const Eigen::RowVectorXd> scale(scale_.data(), p);
  const Eigen::Map<const Eigen::RowVectorXd> squares(squares_.data(), held);
  const Stored points(points_.data(), held, p);
  const auto targets = Stored(state_.data() + 1, held, p + m).rightCols(m);
  const double longest = held > 0 ? squares.maxCoeff() : 0;
  std::vector<double> order;
  std::vector<Neighbour> neighbours;
  Eigen::RowVectorXd variance(m);
  for (std::int64_t first = 0; first < inputs.count; first += chunk) {
    const Index count = std::min(chunk, inputs.count - first);
    Rows x(count, p);
    inputs_.read(inputs.columns, first, count, x.data());
    x.rowwise() -= mean;
    x.array().rowwise() /= scale.array();
    Rows rough = -2 * x * points.transpose();
    rough.rowwise() += squares;
    Rows y = Rows::Zero(count, m);
    for (Index r = 0; r < count; ++r) {
      variance.setConstant(infinity);
      if (held > 0 && rough.row(r).allFinite()) {
        const double error = 4 * static_cast<double>(p + 4) *
                             std::numeric_limits<double>::epsilon() *
                             (x.row(r).squaredNorm() + longest);
        find_nearest(points, x.row(r), rough.row(r), error, wanted, order, neighbours);
        if (leave_out) leave_out_hits(neighbours, settings_.neighbours);
        weigh(neighbours);
        for (const auto& [weight, place] : neighbours)
          if (weight > 0) y.row(r) += weight * targets.row(place);
        variance.setZero();
        for (const auto& [weight, place] : neighbours)
          variance += weight * (targets.row(place) - y.row(r)).array().square().matrix();
      }
      if (answers.spread != nullptr)
        Eigen::Map<Eigen::RowVectorXd>(answers.spread + (first + r) * m, m) =
            variance.array().sqrt();
    }
    outputs_.write(y.data(), first, count, answers.columns);
  }
}

NearestLearner::NearestLearner(const KnnSettings& settings, const Signature& signature,
                               const Trainee& trainee)
    : Learner(signature),
      settings_(settings),
      trainee_(trainee),
      sketch_(settings.capacity, inputs().width() + outputs().width(), trainee.seed, trainee.rank),
      published_(settings, signature)
{}

void NearestLearner::learn(const Pairs& pairs)
{
  for (std::int64_t r = 0; r < pairs.count; ++r)
    sketch_.add(pairs.inputs.data() + r * inputs().width(), inputs().width(),
                pairs.targets.data() + r * outputs().width(), outputs().width());
}

std::vector<double> NearestLearner::settling_sums(const Batch&, const Batch&)
{
  const std::int64_t part = Sketch::part(settings_.capacity, inputs().width() + outputs().width());
  std::vector<double> parts(static_cast<std::size_t>(part * trainee_.ranks), 0);
  sketch_.write(parts.data() + part * trainee_.rank);
  return parts;
}

void NearestLearner::settle(const std::vector<double>& joined)
{
  published_.take(Sketch::join(joined.data(), trainee_.ranks, settings_.capacity,
                               inputs().width() + outputs().width()));
}

}  // namespace cardan::baselines
