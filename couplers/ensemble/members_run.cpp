// Who runs when: in rounds, or each member as its decisions come.

#include "couplers/ensemble/members.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <exception>

namespace cardan::ensemble {

namespace {

/// The same on any number of ranks.
std::uint64_t seed_of(std::int64_t run, int member, std::int64_t segment)
{
  std::uint64_t state = static_cast<std::uint64_t>(run);
  for (const auto each :
       {static_cast<std::uint64_t>(member), static_cast<std::uint64_t>(segment)}) {
    // splitmix64 (Steele, Lea, Flood 2014).
    state += each + 0x9e3779b97f4a7c15U;
    state = (state ^ (state >> 30U)) * 0xbf58476d1ce4e5b9U;
    state = (state ^ (state >> 27U)) * 0x94d049bb133111ebU;
    state ^= state >> 31U;
  }
  return state;
}

double seconds_since(std::int64_t clock)
{
  return static_cast<double>(steering::clock() - clock) * 1e-9;
}

}  // namespace

// An error of one rank ends the run on all simulation ranks: those that wait for others hear of it.
void Members::run(const EnsemblePhysics& physics, const EnsembleRun& run)
{
  if (!physics.advance || !physics.describe || !physics.save || !physics.restart)
    throw Error{fmt::format("ensemble '{}' is run without all of its physics", settings_.name),
                "advance, describe, save and restart are needed"};
  physics_ = &physics;
  for (Member& member : records_) member.target = member.segments + run.segments;
  try {
    if (!team_.works())
      idle(run);
    else if (!team_.leads())
      obey(run);
    else if (settings_.barrier)
      barrier(run);
    else
      asynchronous(run);
    if (log_ && !settings_.barrier) log_->leave();
  } catch (const std::exception& error) {
    alarm_.raise(error.what());
    throw;
  } catch (...) {
    alarm_.raise("an exception without a message");
    throw;
  }
  physics_ = nullptr;
}

bool Members::round_done(const EnsembleRun& run, std::int64_t done)
{
  team_.tell({Order::What::round, done, 0, {}});
  const bool goes_on = !run.until || run.until(done);
  if (log_ && settings_.barrier) log_->round();
  return goes_on;
}

void Members::barrier(const EnsembleRun& run)
{
  for (std::int64_t done = 1; done <= run.segments; ++done) {
    alarm_.check();
    for (std::size_t i = 0; i < records_.size(); ++i)
      if (records_[i].runs()) advance(i);
    if (client_.coupled()) wait_for_round();
    if (!round_done(run, done)) break;
  }
  team_.tell({Order::What::end, 0, 0, {}});
}

/// In the order of members, whatever order decisions came in.
void Members::wait_for_round()
{
  const auto all = [&] {
    take();
    return std::all_of(records_.begin(), records_.end(),
                       [](const Member& member) { return !member.expects || member.answered(); });
  };
  static_cast<void>(alarm_.wait_until(all, mpi::Deadline::in(settings_.deadline)));
  follow_all();
  for (std::size_t i = 0; i < records_.size(); ++i)
    if (records_[i].expects) give_up(i);
}

void Members::asynchronous(const EnsembleRun& run)
{
  const auto hangs = [](const Member& member) { return member.hangs(); };
  for (std::int64_t turns = 0;;) {
    alarm_.check();
    if (turn()) {
      if (!round_done(run, ++turns)) break;
    } else if (std::any_of(records_.begin(), records_.end(), hangs)) {
      wait_for_any();
    } else {
      break;
    }
  }
  team_.tell({Order::What::end, 0, 0, {}});
}

/// One segment of each member that can run; says whether there was one. Decisions do not wait for
/// their member's turn.
bool Members::turn()
{
  bool ran = false;
  for (std::size_t i = 0; i < records_.size(); ++i) {
    static_cast<void>(take());
    follow_all();
    Member& member = records_[i];
    if (member.hangs() && seconds_since(member.since) >= settings_.deadline) give_up(i);
    if (member.runs()) {
      advance(i);
      ran = true;
    }
    if (log_) log_->between();
  }
  return ran;
}

void Members::wait_for_any()
{
  double left = settings_.deadline;
  for (const Member& member : records_)
    if (member.hangs()) left = std::min(left, settings_.deadline - seconds_since(member.since));
  const auto any = [&] {
    static_cast<void>(take());
    if (log_) log_->between();
    return std::any_of(records_.begin(), records_.end(), [](const Member& member) {
      return member.hangs() && member.waiting.present;
    });
  };
  static_cast<void>(alarm_.wait_until(any, mpi::Deadline::in(std::max(0.0, left))));
}

/// No decision came for a member, or none can come: it goes on, from anew where it cannot from
/// where it is.
void Members::give_up(std::size_t index)
{
  const Member& member = records_[index];
  if (client_.coupled()) ++counters_.missing;
  Order order{Order::What::stay, static_cast<std::int64_t>(index), 0, {}};
  if (member.state == MemberState::failed && member.failures <= settings_.failures) {
    order.what = Order::What::reseed;
    order.seed = seed_of(context_.settings.seed, member.number, member.segments);
  }
  team_.tell(order);
  go_on_alone(index, order);
}

/// The ranks of a member but its first.
void Members::obey(const EnsembleRun& run)
{
  while (true) {
    const Order order = team_.listen();
    const auto index = static_cast<std::size_t>(order.index);
    switch (order.what) {
      case Order::What::advance: segment(index); break;
      case Order::What::follow:
        find_own(records_[index], order);
        apply(index, order);
        break;
      case Order::What::reseed:
      case Order::What::stay: go_on_alone(index, order); break;
      case Order::What::round:
        if (run.until) static_cast<void>(run.until(order.index));
        if (log_ && settings_.barrier) log_->round();
        break;
      case Order::What::end: return;
    }
    if (log_ && !settings_.barrier) log_->between();
  }
}

/// Ranks that are left over.
void Members::idle(const EnsembleRun& run)
{
  if (!settings_.barrier) return;
  for (std::int64_t done = 1; done <= run.segments; ++done) {
    alarm_.check();
    const bool goes_on = !run.until || run.until(done);
    if (log_) log_->round();
    if (!goes_on) return;
  }
}

}  // namespace cardan::ensemble
