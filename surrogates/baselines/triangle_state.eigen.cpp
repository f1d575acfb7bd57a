// What a restart needs of a running factorisation.

#include "baselines/triangle.eigen.hpp"

#include <cmath>

namespace cardan::baselines {

namespace {
using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
}

void Triangle::put(State& state) const
{
  const std::int64_t side = width_ + 1;
  const Rows triangle = stack_.topRows(side);
  const Rows waiting = stack_.middleRows(side, waiting_);
  state.put("weight", Dtype::float64, {1}, &weight_);
  state.put("origin", Dtype::float64, {1, width_}, origin_.data());
  state.put("triangle", Dtype::float64, {1, side, side}, triangle.data());
  state.put("waiting", Dtype::int64, {1}, &waiting_);
  state.put("waiting_rows", Dtype::float64, {waiting_, side}, waiting.data());
}

// The rows of one rank wait on as they did, so that it goes on exactly. Those of several are folded
// first: a row about another origin is the same row, but for a multiple of its leading 1.
void Triangle::take(const State& state)
{
  Triangle taken{width_, forget_};
  const std::int64_t side = width_ + 1;
  const std::int64_t ranks = state.has("weight") ? state.array("weight").numbers() : 0;
  const auto count = static_cast<std::size_t>(ranks);
  std::vector<double> weights(count);
  std::vector<std::int64_t> waiting(count);
  Rows origins(ranks, width_);
  Rows triangles(ranks * side, side);
  if (ranks > 0) {
    state.get("weight", Dtype::float64, {ranks}, weights.data());
    state.get("waiting", Dtype::int64, {ranks}, waiting.data());
    state.get("origin", Dtype::float64, {ranks, width_}, origins.data());
    state.get("triangle", Dtype::float64, {ranks, side, side}, triangles.data());
  }
  std::int64_t rows = 0;
  for (const auto each : waiting) rows += each;
  Rows waiting_rows(rows, side);
  if (ranks > 0) state.get("waiting_rows", Dtype::float64, {rows, side}, waiting_rows.data());

  rows = 0;
  for (std::size_t r = 0; r < count; ++r) {
    const auto rank = static_cast<std::int64_t>(r);
    Triangle next{width_, forget_};
    next.weight_ = weights[r];
    next.has_origin_ = weights[r] > 0;
    next.origin_ = origins.row(rank).transpose();
    next.stack_.topRows(side) = triangles.middleRows(rank * side, side);
    next.stack_.middleRows(side, waiting[r]) = waiting_rows.middleRows(rows, waiting[r]);
    next.waiting_ = waiting[r];
    rows += waiting[r];
    if (taken.has_origin_)
      taken.join(next);
    else if (next.has_origin_)
      taken = next;
  }
  *this = taken;
}

void Triangle::join(Triangle& other)
{
  if (!other.has_origin_) return;
  fold();
  other.fold();
  const std::int64_t side = width_ + 1;
  Eigen::MatrixXd triangle = other.stack_.topRows(side);
  triangle.row(0).tail(width_) += triangle(0, 0) * (other.origin_ - origin_).transpose();
  stack_.middleRows(side, side) = triangle;
  waiting_ = side;
  weight_ += other.weight_;
  // As they are: their weights are those of the newest.
  const double forget = forget_;
  forget_ = 1;
  fold();
  forget_ = forget;
}

}  // namespace cardan::baselines
