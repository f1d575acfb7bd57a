#include "couplers/pipeline/dealer.hpp"

#include <algorithm>
#include <cmath>

namespace cardan::pipeline {

namespace {

/// Work that a rank has, over the time that it has to last for.
constexpr double margin_of_time = 2;

}  // namespace

Dealer::Dealer(const Settings& settings, int ranks, Flow& flow, Ledger& ledger)
    : settings_(settings),
      flow_(flow),
      ledger_(ledger),
      ranks_(settings.stages.size(), 0),
      demands_(settings.stages.size())
{
  std::vector<int> wanted;
  wanted.reserve(settings.stage.size());
  for (const auto& stage : settings.stage) wanted.push_back(stage.ranks);
  covers_ = first_split(wanted, ranks);
  at_.reserve(covers_.size());
  for (int rank = 0; rank < ranks; ++rank) {
    at_.push_back(covers_[static_cast<std::size_t>(rank)].first);
    ++ranks_[static_cast<std::size_t>(at_.back())];
    ledger_.assigned(rank, -1, at_.back(), 0);
  }
}

/// What is not measured yet costs what the stage before it does.
void Dealer::survey()
{
  double cost = 1;
  for (int stage = 0; stage <= settings_.last(); ++stage) {
    const double measured = ledger_.cost(stage);
    if (std::isfinite(measured)) cost = measured;
    demands_[static_cast<std::size_t>(stage)] = {
        flow_.doable(stage), cost,
        flow_.visits(stage), flow_.before(stage),
        flow_.behind(stage), ranks_[static_cast<std::size_t>(stage)]};
  }
}

void Dealer::move(int rank, int to, double now)
{
  int& at = at_[static_cast<std::size_t>(rank)];
  if (at == to) return;
  --ranks_[static_cast<std::size_t>(at)];
  ++ranks_[static_cast<std::size_t>(to)];
  ledger_.assigned(rank, at, to, now);
  at = to;
}

void Dealer::away(double seconds)
{
  constexpr double forgotten = 0.9;
  away_ = std::max(seconds, forgotten * away_);
}

std::int64_t Dealer::batch(int stage) const
{
  constexpr double least = 2e-3;
  const double enough = std::max(least, margin_of_time * away_ / settings_.depth);
  const auto most = settings_.stage[static_cast<std::size_t>(stage)].batch;
  const double cost = ledger_.cost(stage);
  if (!std::isfinite(cost)) return 1;
  // The last few are shared.
  const auto ranks = std::max(1, ranks_[static_cast<std::size_t>(stage)]);
  const auto fair = std::max<std::int64_t>(1, flow_.doable(stage) / ranks);
  const double wanted = cost > 0 ? enough / cost : static_cast<double>(most);
  return std::clamp<std::int64_t>(static_cast<std::int64_t>(wanted), 1, std::min(most, fair));
}

bool Dealer::scarce(int stage) const
{
  return flow_.doable(stage) < std::max(1, ranks_[static_cast<std::size_t>(stage)]);
}

/// Where few are left nobody takes one to lie; and of long ones two are enough.
bool Dealer::has_enough(int stage, int jobs) const
{
  constexpr double least = 0.1;
  const double ahead = std::max(least, margin_of_time * away_);
  if (jobs == 0) return false;
  if (scarce(stage)) return true;
  const double each = ledger_.cost(stage) * static_cast<double>(batch(stage));
  return jobs > 1 && jobs * each > ahead;
}

int Dealer::choose(int rank, int jobs, double now)
{
  const int at = at_[static_cast<std::size_t>(rank)];
  if (!settings_.resplit) {
    const Cover cover = covers_[static_cast<std::size_t>(rank)];
    for (int stage = cover.last; stage >= cover.first; --stage)
      if (flow_.doable(stage) > 0) {
        if (has_enough(stage, jobs)) return -1;
        move(rank, stage, now);
        return stage;
      }
    return -1;
  }
  survey();
  // A rank that has something to do takes what others do not wait for.
  for (int stage = 0; jobs > 0 && stage <= settings_.last(); ++stage)
    if (scarce(stage)) demands_[static_cast<std::size_t>(stage)].doable = 0;
  int to = at;
  bool moving = false;
  if (demands_[static_cast<std::size_t>(at)].doable == 0) {
    to = neediest(demands_);
    if (to < 0) return -1;
  } else if (now - moved_ >= settings_.settle) {
    const int other = better(demands_, at, settings_.margin);
    if (other >= 0) {
      to = other;
      moving = true;
    }
  }
  if (has_enough(to, jobs)) return -1;
  if (moving) moved_ = now;
  move(rank, to, now);
  return to;
}

}  // namespace cardan::pipeline
