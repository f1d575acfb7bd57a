#include "couplers/pipeline/flow.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace cardan::pipeline {

namespace {

constexpr std::int64_t any_number = std::numeric_limits<std::int64_t>::max();

/// The same on every machine: Fisher and Yates with numbers of their own.
void shuffle(std::vector<std::int64_t>& numbers, std::uint64_t seed)
{
  for (std::size_t i = numbers.size(); i > 1; --i) {
    const auto j = static_cast<std::size_t>(chance_of(seed, static_cast<std::int64_t>(i), -1) *
                                            static_cast<double>(i));
    std::swap(numbers[i - 1], numbers[j]);
  }
}

}  // namespace

Flow::Flow(const Settings& settings, Portion portion, Ledger& ledger)
    : settings_(settings), ledger_(ledger)
{
  for (std::int64_t c = portion.first; c < settings.candidates; c += portion.stride)
    library_.push_back(c);
  if (settings.shuffle) shuffle(library_, settings.seed);
  for (const auto& stage : settings.stage)
    stations_.push_back({{}, {}, 0, Threshold{stage.promote}, -1});
  refill(0);
}

std::int64_t Flow::waiting(int stage) const
{
  return stage == 0 ? static_cast<std::int64_t>(library_.size() - next_)
                    : static_cast<std::int64_t>(at(stage).queue.size());
}

/// Behind a stage: every candidate under way may be promoted, and then needs its place. What is
/// described waits before the model.
std::int64_t Flow::room(int stage) const
{
  if (stage == 0 && settings_.has_model())
    return of(0).queue - static_cast<std::int64_t>(described_.size()) - at(0).under_way;
  if (stage == settings_.last())
    return settings_.budget > 0
               ? settings_.budget - ledger_.report.stages[static_cast<std::size_t>(stage)].entered
               : any_number;
  return of(stage + 1).queue - static_cast<std::int64_t>(at(stage + 1).queue.size()) -
         at(stage).under_way;
}

bool Flow::spent() const
{
  return (settings_.budget > 0 && room(settings_.last()) <= 0) ||
         (settings_.work > 0 && ledger_.busy() >= settings_.work);
}

std::int64_t Flow::doable(int stage) const
{
  return spent() ? 0 : std::max<std::int64_t>(0, std::min(waiting(stage), room(stage)));
}

double Flow::before(int stage) const
{
  if (stage == 0) return waiting(0) > 0 ? 1 : 0;
  return static_cast<double>(at(stage).queue.size()) / static_cast<double>(of(stage).queue);
}

double Flow::behind(int stage) const
{
  if (stage == settings_.last()) return 0.5;
  const double next = before(stage + 1);
  if (stage > 0 || !settings_.has_model()) return next;
  return 0.5 * (next + static_cast<double>(described_.size()) / static_cast<double>(of(0).queue));
}

double Flow::visits(int stage) const
{
  const auto& stages = ledger_.report.stages;
  const auto came = stages[static_cast<std::size_t>(stage)].entered +
                    static_cast<std::int64_t>(at(stage).queue.size());
  const auto all = stages.front().entered;
  return all > 0 ? static_cast<double>(std::max<std::int64_t>(1, came)) / static_cast<double>(all)
                 : 1;
}

std::vector<std::int64_t> Flow::take(int stage, std::int64_t most, double now)
{
  std::vector<std::int64_t> taken;
  for (auto left = std::min(most, doable(stage)); left > 0; --left) {
    if (stage == 0) {
      taken.push_back(library_[next_++]);
      ways_.emplace(taken.back(), Way{});
      if (next_ == library_.size()) ledger_.used_up(now);
      continue;
    }
    auto& queue = at(stage).queue;
    taken.push_back(queue.begin()->second);
    queue.erase(queue.begin());
  }
  at(stage).under_way += static_cast<std::int64_t>(taken.size());
  count(stage).entered += static_cast<std::int64_t>(taken.size());
  if (stage > 0) tell_queue(stage, now);
  refill(now);
  return taken;
}

void Flow::tell_queue(int stage, double now)
{
  const bool first = stage == 0;
  ledger_.queue(stage,
                static_cast<std::int64_t>(first ? described_.size() : at(stage).queue.size()), now);
}

void Flow::described(std::int64_t candidate, std::vector<std::byte> features, double now)
{
  ways_.at(candidate).features = std::move(features);
  --at(0).under_way;
  described_.push_back(candidate);
  tell_queue(0, now);
}

std::int64_t Flow::to_score() const
{
  return std::min(static_cast<std::int64_t>(described_.size()),
                  of(1).queue - static_cast<std::int64_t>(at(1).queue.size()));
}

void Flow::score(double score, std::uint32_t version, double now)
{
  const std::int64_t candidate = described_.front();
  described_.pop_front();
  Way& way = ways_.at(candidate);
  way.version = version;
  way.scores.push_back(score);
  tell_queue(0, now);
  if (version > 0 && std::isfinite(score)) {
    judge(0, candidate, score, -1, now);
    return;
  }
  // Without a score it may as well be good.
  ledger_.decided({candidate, 0, score, std::numeric_limits<double>::quiet_NaN(), Verdict::warm_up,
                   -1, version},
                  now);
  promote(0, candidate, -std::numeric_limits<double>::infinity(), now);
  refill(now);
}

void Flow::result(int stage, std::int64_t candidate, double score, std::span<const double> values,
                  int rank, double now)
{
  const auto found = ways_.find(candidate);
  if (found == ways_.end()) throw std::logic_error("a result of no candidate");
  Way& way = found->second;
  --at(stage).under_way;
  const auto nothing = std::numeric_limits<double>::quiet_NaN();
  if (!std::isfinite(score)) {
    ++count(stage).failed;
    ledger_.decided({candidate, stage, score, nothing, Verdict::failed, rank, way.version}, now);
    ways_.erase(found);
    refill(now);
    return;
  }
  if (stage == settings_.labels && !way.features.empty()) {
    if (label) label(way, score);
    way.features = {};
  }
  if (stage == settings_.last()) {
    ++count(stage).promoted;
    ledger_.decided({candidate, stage, score, nothing, Verdict::finished, rank, way.version}, now);
    ledger_.finished(candidate, score, values, now);
    ways_.erase(found);
    refill(now);
    return;
  }
  way.scores.push_back(score);
  way.values.assign(values.begin(), values.end());
  judge(stage, candidate, score, rank, now);
}

/// As if a queue were filled: with a budget, how many more have been let through to the last stage
/// than its share of those that were looked at, in tenths of the budget. Nothing of the reserve
/// goes before the end.
double Flow::haste() const
{
  if (settings_.budget == 0 || !settings_.pace) return 0;
  const auto let = ledger_.report.stages.back().entered +
                   static_cast<std::int64_t>(at(settings_.last()).queue.size());
  const double share = static_cast<double>(next_) / static_cast<double>(library_.size());
  const auto budget = static_cast<double>(settings_.budget);
  const double meant = (1 - settings_.reserve) * share * budget;
  return 0.5 + (static_cast<double>(let) - meant) / std::max(2.0, 0.1 * budget);
}

void Flow::judge(int stage, std::int64_t candidate, double score, int rank, double now)
{
  using Kind = PromoteSettings::Kind;
  const auto& rule = of(stage).promote;
  Station& here = at(stage);
  double threshold = std::numeric_limits<double>::quiet_NaN();
  bool goes_on = rule.kind == Kind::all;
  if (rule.kind == Kind::random) goes_on = chance_of(settings_.seed, candidate, stage) < rule.share;
  if (rule.kind == Kind::score) {
    const double paced = stage + 1 == settings_.last() ? haste() : 0;
    threshold = here.threshold.at(std::max(before(stage + 1), paced));
    // Far ahead none goes on: it may still do so at the end.
    goes_on = score > threshold && paced < 1.5;
    here.threshold.add(score);
  }
  const Way& way = ways_.at(candidate);
  ledger_.decided({candidate, stage, score, threshold,
                   goes_on ? Verdict::promoted : Verdict::held_back, rank, way.version},
                  now);
  if (goes_on) {
    const bool ranked = rule.kind == Kind::score;
    promote(stage, candidate, ranked ? score : -static_cast<double>(++sequence_), now);
  } else {
    ++count(stage).rejected;
    here.held.emplace(score, candidate);
    ways_.at(candidate).features = {};
  }
  refill(now);
}

void Flow::promote(int stage, std::int64_t candidate, double score, double now)
{
  ++count(stage).promoted;
  at(stage + 1).queue.emplace(score, candidate);
  tell_queue(stage + 1, now);
}

}  // namespace cardan::pipeline
