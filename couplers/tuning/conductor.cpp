#include "couplers/tuning/conductor.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace cardan::tuning {

Conductor::Conductor(const Settings& settings, int ranks)
    : settings_(settings),
      scheduler_(make_scheduler(settings)),
      movement_(settings.move, ranks),
      ranks_(static_cast<std::size_t>(ranks))
{
  for (Rank& rank : ranks_) rank.slots.resize(static_cast<std::size_t>(settings.slots_of(ranks)));
  report_.best_loss = std::numeric_limits<double>::infinity();
}

void Conductor::hello(int rank, const Answer& answer, double now)
{
  at(rank).here = true;
  moves_ = moves_ && answer.moves;
  count(rank, answer);
  if (std::any_of(ranks_.begin(), ranks_.end(), [](const Rank& each) { return !each.here; }))
    return;
  const bool simulates = ranks_.front().last.simulates;
  const int all = static_cast<int>(ranks_.size());
  data_ = !simulates || report_.samples >= settings_.move.first;
  const int begin = simulates && !movement_.enough() ? std::min(settings_.move.begin, all - 1) : 0;
  for (int each = 0; each < all; ++each) at(each).simulates = !data_ || each >= all - begin;
  note_use(now);
}

bool Conductor::stopped() const
{
  return (settings_.budget > 0 && given_epochs_ >= settings_.budget) ||
         (settings_.stop_at_target && report_.epochs_to_target >= 0);
}

bool Conductor::idle_for_training(int rank) const
{
  const Rank& one = ranks_[static_cast<std::size_t>(rank)];
  return !one.busy && !one.simulates;
}

/// A piece is the scheduler's wish from here on: what it goes on from is kept for it.
void Conductor::accept(const Piece& piece)
{
  while (static_cast<std::int64_t>(trials_.size()) <= piece.trial) {
    Trial next;
    next.seed = scatter(static_cast<std::uint64_t>(settings_.seed) + 1,
                        static_cast<std::int64_t>(trials_.size()));
    trials_.push_back(next);
  }
  trial(piece.trial).works = true;
  Pending pending{piece, -1, -1};
  if (piece.from >= 0 && trial(piece.from).rank >= 0) {
    pending.read_rank = trial(piece.from).rank;
    pending.read_slot = trial(piece.from).slot;
    hold(pending.read_rank, pending.read_slot);
  }
  pending_.push_back(pending);
}

std::optional<Work> Conductor::deal()
{
  if (std::any_of(ranks_.begin(), ranks_.end(), [](const Rank& rank) { return !rank.here; }))
    return {};
  if (stopped()) {
    for (const Pending& each : pending_) {
      trial(each.piece.trial).works = false;
      if (each.read_rank >= 0) release(each.read_rank, each.read_slot);
    }
    pending_.clear();
  }
  bool none = stopped();
  const std::size_t most = 2 * ranks_.size();
  for (std::size_t p = 0; data_; ++p) {
    if (p == pending_.size()) {
      const auto idle = [&] {
        for (int rank = 0; rank < static_cast<int>(ranks_.size()); ++rank)
          if (idle_for_training(rank)) return true;
        return false;
      };
      if (none || p >= most || !idle()) break;
      const auto piece = scheduler_->ask();
      none = !piece;
      if (none) break;
      accept(*piece);
    }
    bool wait = false;
    auto work = place(pending_[p], wait);
    if (work) {
      pending_.erase(pending_.begin() + static_cast<std::ptrdiff_t>(p));
      return work;
    }
    // Ranks that become idle are kept for it.
    if (wait) break;
  }
  const bool works =
      std::any_of(trials_.begin(), trials_.end(), [](const Trial& each) { return each.works; });
  exhausted_ = exhausted_ || (none && pending_.empty() && !works);
  if (exhausted_) return {};
  for (int rank = 0; rank < static_cast<int>(ranks_.size()); ++rank) {
    Rank& one = at(rank);
    if (one.busy || !one.simulates || (data_ && movement_.enough())) continue;
    one.busy = true;
    return Work{Kind::simulate, TuningVerdict::go_on, {rank}, {}};
  }
  return {};
}

/// Work for a piece where there are ranks for it; `wait`: it needs more than are idle.
std::optional<Work> Conductor::place(const Pending& pending, bool& wait)
{
  const Trial& one = trial(pending.piece.trial);
  std::vector<int> idle;
  int train = 0;
  for (int rank = 0; rank < static_cast<int>(ranks_.size()); ++rank) {
    train += at(rank).simulates ? 0 : 1;
    if (idle_for_training(rank)) idle.push_back(rank);
  }
  // Without windows it goes on where it is, whatever that rank does besides.
  const bool bound = !moves_ && one.rank >= 0;
  if (bound && !at(one.rank).busy) idle = {one.rank};
  const int wanted =
      moves_ ? std::max(1, std::min(settings_.ranks_of(pending.piece.rung), train)) : 1;
  if (static_cast<int>(idle.size()) < wanted) {
    wait = wanted > 1;
    return {};
  }
  // Where it lies already, and otherwise where the fewest others do.
  const auto used = [&](int rank) {
    if (rank == one.rank) return std::ptrdiff_t{-1};
    const auto& slots = at(rank).slots;
    return std::count_if(slots.begin(), slots.end(), [](const Slot& s) { return s.trial >= 0; });
  };
  std::stable_sort(idle.begin(), idle.end(), [&](int a, int b) { return used(a) < used(b); });
  if (bound && idle.front() != one.rank) return {};
  for (std::size_t i = 0; i < idle.size(); ++i) {
    const int leader = idle[i];
    const int slot = leader == one.rank ? one.slot : find_slot(leader);
    if (slot < 0) continue;
    std::vector<int> team{leader};
    for (std::size_t j = 0; j < idle.size() && static_cast<int>(team.size()) < wanted; ++j)
      if (j != i) team.push_back(idle[j]);
    at(leader).slot = slot;
    Work work{Kind::train, pending.piece.cause, team, {}};
    const TrainOrder order = order_for(pending, team);
    for (const int rank : team) {
      Rank& each = at(rank);
      TrainOrder mine = order;
      each.busy = true;
      each.leads = rank == leader;
      each.piece = pending.piece;
      each.piece.epochs = order.epochs;
      each.team = team;
      if (!each.leads) {
        // It has the trial for this piece only, in a slot besides, and reads what the leader holds.
        mine.slot = static_cast<int>(each.slots.size());
        if (mine.entry == Entry::in_place) mine.entry = Entry::load;
      }
      each.read_rank = each.read_slot = -1;
      if (mine.entry == Entry::load) {
        each.read_rank = mine.source_rank;
        each.read_slot = mine.source_slot;
        hold(each.read_rank, each.read_slot);
      }
      mine.drops = std::exchange(each.drops, {});
      work.orders.push_back(std::move(mine));
    }
    at(leader).slots[static_cast<std::size_t>(slot)].trial = pending.piece.trial;
    // The wish's own hold is over: those that read have theirs.
    if (pending.read_rank >= 0) release(pending.read_rank, pending.read_slot);
    given_epochs_ += order.epochs;
    return work;
  }
  return {};
}

TrainOrder Conductor::order_for(const Pending& pending, const std::vector<int>& team)
{
  const Trial& one = trial(pending.piece.trial);
  TrainOrder order;
  order.trial = pending.piece.trial;
  order.rung = pending.piece.rung;
  order.seed = one.seed;
  order.epochs = pending.piece.epochs;
  order.slot = at(team.front()).slot;
  order.ranks = team;
  order.values = scheduler_->values()[static_cast<std::size_t>(order.trial)];
  if (one.rank >= 0) {
    order.entry = one.rank == team.front() ? Entry::in_place : Entry::load;
    order.before = one.epochs;
    order.source = order.trial;
    order.source_rank = one.rank;
    order.source_slot = one.slot;
  } else if (pending.read_rank >= 0) {
    order.entry = Entry::load;
    order.before = trial(pending.piece.from).epochs;
    order.source = pending.piece.from;
    order.source_rank = pending.read_rank;
    order.source_slot = pending.read_slot;
  } else {
    // Its state had to make room: from the begin again.
    order.epochs += one.epochs;
  }
  return order;
}

int Conductor::find_slot(int rank)
{
  for (int turn = 0; turn < 2; ++turn) {
    const auto& slots = at(rank).slots;
    for (std::size_t s = 0; s < slots.size(); ++s)
      if (slots[s].trial < 0) return static_cast<int>(s);
    if (!evict(rank)) break;
  }
  return -1;
}

/// The worst of those that wait makes way: of the lowest rung, with the largest loss.
bool Conductor::evict(int rank)
{
  const auto& slots = at(rank).slots;
  int worst = -1;
  const auto standing = [&](int slot) -> Trial& {
    return trial(slots[static_cast<std::size_t>(slot)].trial);
  };
  for (int s = 0; s < static_cast<int>(slots.size()); ++s) {
    const Slot& slot = slots[static_cast<std::size_t>(s)];
    if (slot.trial < 0 || slot.readers > 0 || standing(s).works || standing(s).rank != rank)
      continue;
    if (worst < 0 || standing(s).rung < standing(worst).rung ||
        (standing(s).rung == standing(worst).rung && standing(s).loss > standing(worst).loss))
      worst = s;
  }
  if (worst < 0) return false;
  standing(worst).rank = standing(worst).slot = -1;
  give_up(rank, worst);
  ++report_.evicted;
  return true;
}

void Conductor::hold(int rank, int slot)
{
  ++at(rank).slots[static_cast<std::size_t>(slot)].readers;
}

void Conductor::release(int rank, int slot)
{
  Slot& one = at(rank).slots[static_cast<std::size_t>(slot)];
  if (--one.readers == 0 && one.over) give_up(rank, slot);
}

void Conductor::give_up(int rank, int slot)
{
  Slot& one = at(rank).slots[static_cast<std::size_t>(slot)];
  one.over = one.readers > 0;
  if (one.over) return;
  one.trial = -1;
  at(rank).drops.push_back(slot);
}

bool Conductor::done() const
{
  return exhausted_ && std::none_of(ranks_.begin(), ranks_.end(),
                                    [](const Rank& rank) { return rank.busy || !rank.here; });
}

}  // namespace cardan::tuning
