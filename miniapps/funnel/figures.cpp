#include "figures.hpp"

#include "random.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <unordered_set>

namespace funnel {

namespace {

using Candidates = std::vector<std::int64_t>;

/// Highest first; equal ones by number.
Candidates descending(const std::vector<double>& scores)
{
  Candidates order(scores.size());
  std::iota(order.begin(), order.end(), std::int64_t{0});
  std::sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
    const double x = scores[static_cast<std::size_t>(a)];
    const double y = scores[static_cast<std::size_t>(b)];
    return x != y ? x > y : a < b;
  });
  return order;
}

Candidates shuffled(std::size_t count, std::uint64_t seed)
{
  Candidates order(count);
  std::iota(order.begin(), order.end(), std::int64_t{0});
  Random random{seed, 1ULL << 62U};
  for (std::size_t i = count; i > 1; --i)
    std::swap(order[i - 1],
              order[static_cast<std::size_t>(random.uniform(0, static_cast<double>(i)))]);
  return order;
}

class Judge {
 public:
  explicit Judge(const Candidates& best) : best_(best.begin(), best.end()) {}

  [[nodiscard]] bool hit(std::int64_t candidate) const { return best_.contains(candidate); }
  [[nodiscard]] double count() const { return static_cast<double>(best_.size()); }

  /// What was spent before the first fine solve, and on each.
  [[nodiscard]] Curve curve(const std::string& strategy, const Candidates& order, double before,
                            double each) const
  {
    Curve curve;
    curve.strategy = strategy;
    double hits = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
      hits += hit(order[i]) ? 1 : 0;
      curve.cost.push_back(before + static_cast<double>(i + 1) * each);
      curve.recall.push_back(hits / count());
    }
    return curve;
  }

 private:
  std::unordered_set<std::int64_t> best_;
};

double overlap(const Judge& judge, const std::vector<double>& scores)
{
  auto order = descending(scores);
  order.resize(static_cast<std::size_t>(judge.count()));
  return static_cast<double>(
             std::count_if(order.begin(), order.end(), [&](auto c) { return judge.hit(c); })) /
         judge.count();
}

/// Rank-seconds of what the stages did, each candidate at its mean cost in the exhaustive search
/// and beside it. Sizes other than 16 and 32 as the pipeline had them.
double counted(const Episode& episode)
{
  const Truth& truth = episode.truth;
  double seconds = static_cast<double>(truth.labels.size()) * truth.image_seconds;
  for (const auto& stage : episode.report.stages) {
    const auto entered = static_cast<double>(stage.entered);
    if (stage.name == "fine")
      seconds += static_cast<double>(episode.solved) * truth.fine_seconds;
    else if (stage.name == "coarse16")
      seconds += entered * truth.coarse16_seconds;
    else if (stage.name == "coarse32")
      seconds += entered * truth.coarse32_seconds;
    else if (stage.name.starts_with("coarse"))
      seconds += stage.busy;
  }
  return seconds;
}

Curve funnel_curve(const Judge& judge, const cardan::PipelineReport& report)
{
  Curve curve = judge.curve("funnel", report.finished, 0, 0);
  curve.cost = report.costs;
  return curve;
}

double first_of(const Episode& episode, int stage)
{
  for (const Piece& piece : episode.pieces)
    if (piece.stage == stage) return piece.begin;
  return 0;
}

/// The steady state as the coupler has it: from the first work in the last stage on until no
/// candidate comes new; where there is none, the whole run.
double measured(const Episode& episode)
{
  const auto& stages = episode.report.stages;
  const bool guesses = std::any_of(episode.pieces.begin(), episode.pieces.end(),
                                   [](const Piece& piece) { return piece.stage < 0; });
  double end = 0;
  for (const Piece& piece : episode.pieces)
    if (piece.stage == (guesses ? -1 : 0)) end = std::max(end, piece.end);
  const double begin = first_of(episode, static_cast<int>(stages.size()) - 1);
  if (end > begin) return covered(episode.pieces, episode.simulation_ranks, begin, end);
  return covered(episode.pieces, episode.simulation_ranks, 0, episode.report.wall);
}

}  // namespace

Candidates best_of(const std::vector<double>& labels, double share)
{
  auto order = descending(labels);
  const auto count = std::lround(share * static_cast<double>(labels.size()));
  order.resize(static_cast<std::size_t>(std::max(count, 1L)));
  return order;
}

double Curve::recall_at(double spent) const
{
  double reached = 0;
  for (std::size_t i = 0; i < cost.size() && cost[i] <= spent; ++i) reached = recall[i];
  return reached;
}

double Curve::cost_of(double reached) const
{
  for (std::size_t i = 0; i < cost.size(); ++i)
    if (recall[i] >= reached) return cost[i];
  return cost.empty() ? 0 : cost.back();
}

double covered(const std::vector<Piece>& pieces, int ranks, double begin, double end)
{
  if (!(end > begin) || ranks < 1) return 0;
  double seconds = 0;
  for (const Piece& piece : pieces)
    seconds += std::max(0.0, std::min(piece.end, end) - std::max(piece.begin, begin));
  return seconds / (ranks * (end - begin));
}

double median(std::vector<double> values)
{
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : 0.5 * (values[half - 1] + values[half]);
}

Outcome outcome_of(const Episode& episode, const Settings& settings)
{
  const Truth& truth = episode.truth;
  const auto& report = episode.report;
  const Judge judge{best_of(truth.labels, settings.top)};
  const auto count = static_cast<double>(truth.labels.size());
  const double each = truth.fine_seconds;
  const double describing = count * truth.image_seconds;
  Outcome outcome;
  outcome.best = static_cast<std::int64_t>(judge.count());
  outcome.exhaustive_seconds = truth.exhaustive();
  outcome.funnel = funnel_curve(judge, report);
  if (!outcome.funnel.recall.empty()) outcome.recall = outcome.funnel.recall.back();
  const auto finished = static_cast<double>(report.finished.size());
  if (finished > 0) outcome.enrichment = outcome.recall * count / finished;
  double busy = 0;
  for (const auto& stage : report.stages) busy += stage.busy;
  outcome.cost_fraction = busy / outcome.exhaustive_seconds;
  outcome.counted_fraction = counted(episode) / outcome.exhaustive_seconds;
  outcome.whole_fraction = (busy + episode.ml_ranks * report.wall) / outcome.exhaustive_seconds;
  for (std::size_t i = 0; i < report.finished.size(); ++i)
    if (judge.hit(report.finished[i])) {
      if (outcome.first_hit < 0) outcome.first_hit = report.times[i];
      outcome.last_hit = report.times[i];
    }
  outcome.busy_fraction = report.busy_fraction;
  outcome.busy_measured = measured(episode);
  const auto random = shuffled(truth.labels.size(), static_cast<std::uint64_t>(episode.plan.seed));
  outcome.exhaustive =
      judge.curve("exhaustive", random, 0, truth.image_seconds + truth.fine_seconds);
  // As many go on from each stage, but any of them.
  outcome.random = judge.curve("random", random, counted(episode) - finished * each, each);
  outcome.coarse16 = judge.curve("coarse16", descending(truth.coarse16),
                                 describing + count * truth.coarse16_seconds, each);
  outcome.coarse32 = judge.curve("coarse32", descending(truth.coarse32),
                                 describing + count * truth.coarse32_seconds, each);
  outcome.picked16 = overlap(judge, truth.coarse16);
  outcome.picked32 = overlap(judge, truth.coarse32);
  return outcome;
}

}  // namespace funnel
