// Decisions: taken as they arrive, followed between two segments.

#include "couplers/ensemble/members.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <limits>

namespace cardan::ensemble {

namespace {

using Action = MemberDecision::Action;

template <class T>
T read(const steering::Incoming& incoming, DecisionField field)
{
  T value;
  std::memcpy(&value, incoming.data(field), sizeof value);
  return value;
}

MemberDecision decision_of(const steering::Incoming& incoming)
{
  MemberDecision decision;
  decision.action = static_cast<Action>(read<std::int32_t>(incoming, action_field));
  decision.id = incoming.header.id;
  decision.member = incoming.header.tag;
  decision.made_from = incoming.header.step;
  decision.from_member = read<std::int32_t>(incoming, from_member_field);
  decision.from_segment = read<std::int64_t>(incoming, from_segment_field);
  decision.version = incoming.header.version;
  decision.score = read<double>(incoming, score_field);
  decision.weight = read<double>(incoming, weight_field);
  decision.work = incoming.header.work;
  return decision;
}

}  // namespace

bool Members::take()
{
  bool any = false;
  while (const auto incoming = client_.next()) {
    keep(*incoming);
    any = true;
  }
  return any;
}

/// A member that is told to go elsewhere is not told otherwise by "go on", which was said of a
/// later frame on its old way; the weight is the newest one all the same.
void Members::keep(const steering::Incoming& incoming)
{
  const auto found = std::find_if(records_.begin(), records_.end(), [&](const Member& each) {
    return each.number == incoming.header.tag;
  });
  if (found == records_.end()) return;
  Waiting& waiting = found->waiting;
  const MemberDecision decision = decision_of(incoming);
  const bool stays = waiting.present && decision.action == Action::go_on &&
                     waiting.decision.action != Action::go_on;
  if (waiting.present && team_.leads()) ++counters_.superseded;
  if (stays) {
    waiting.decision.weight = decision.weight;
    if (log_ == nullptr || !team_.leads()) return;
    Waiting other;
    other.decision = decision;
    other.rank = incoming.rank;
    std::copy(incoming.reason.begin(), incoming.reason.end(), other.reason.begin());
    log_->add(other, Followed::superseded, found->segments);
    return;
  }
  if (waiting.present) note(waiting, Followed::superseded, found->segments);
  if (!waiting.present) ++waiting_;
  waiting.present = true;
  waiting.decision = decision;
  waiting.rank = incoming.rank;
  waiting.seed = static_cast<std::uint64_t>(read<std::int64_t>(incoming, seed_field));
  waiting.clock = incoming.header.clock;
  waiting.reason.fill('\0');
  std::copy(incoming.reason.begin(), incoming.reason.end(), waiting.reason.begin());
  if (decision.action == Action::restart)
    std::memcpy(waiting.state.data(), incoming.data(restart_field),
                waiting.state.size() * sizeof(double));
}

/// In the order of members.
void Members::follow_all()
{
  for (std::size_t i = 0; waiting_ > 0 && i < records_.size(); ++i)
    if (records_[i].waiting.present) follow(i);
}

/// What is known of a decision when it is followed: how late it is, and what it costs.
void Members::follow(std::size_t index)
{
  Member& member = records_[index];
  Waiting& waiting = member.waiting;
  MemberDecision& decision = waiting.decision;
  decision.segment = member.segments;
  const bool late = member.segments - decision.made_from > settings_.max_age;
  if (late) ++counters_.late;
  const bool clocks = client_.ends().one_clock && waiting.clock != 0;
  decision.latency = clocks ? static_cast<double>(steering::clock() - waiting.clock) * 1e-9
                            : std::numeric_limits<double>::quiet_NaN();
  if (clocks && !(late && !settings_.apply_late)) {
    latencies_[latest_] = {decision.latency, decision.work};
    latest_ = (latest_ + 1) % latencies_.size();
    if (latest_ == 0) wrapped_ = true;
  }
  forget(member);
  note(waiting,
       !late                  ? Followed::yes
       : settings_.apply_late ? Followed::although_late
                              : Followed::too_late,
       member.segments);
  if (late && !settings_.apply_late) return;
  const Order order{Order::What::follow, static_cast<std::int64_t>(index), waiting.seed, decision};
  team_.tell(order);
  apply(index, order);
}

void Members::note(const Waiting& waiting, Followed followed, std::int64_t segment)
{
  if (log_ && team_.leads()) log_->add(waiting, followed, segment);
}

void Members::forget(Member& member)
{
  if (member.waiting.present) --waiting_;
  member.waiting.present = false;
}

/// Ranks but the first: their part of the state comes with a decision of their own, made from the
/// same frame. Those before it are read and forgotten: the leader knew them.
void Members::find_own(Member& member, const Order& order)
{
  const MemberDecision& wanted = order.decision;
  const auto next = [&] {
    if (!ahead_) ahead_ = client_.next();
    return ahead_.has_value();
  };
  while (next() && ahead_->header.id <= wanted.id) {
    keep(*ahead_);
    ahead_.reset();
  }
  if (wanted.action != Action::restart) {
    forget(member);
    return;
  }
  const auto right = [&] {
    const MemberDecision& own = member.waiting.decision;
    return member.waiting.present && own.action == wanted.action &&
           own.made_from == wanted.made_from && own.from_member == wanted.from_member &&
           own.from_segment == wanted.from_segment && member.waiting.seed == order.seed;
  };
  const bool came = alarm_.wait_until(
      [&] {
        while (!right() && next()) {
          keep(*ahead_);
          ahead_.reset();
        }
        return right();
      },
      context_.deadline());
  if (!came)
    throw Late{
        fmt::format("part {} of member {} has no decision of its own", team_.part(), member.number),
        fmt::format("the first part follows decision {}", wanted.id)};
  forget(member);
}

void Members::apply(std::size_t index, const Order& order)
{
  Member& member = records_[index];
  const MemberDecision& decision = order.decision;
  if (settings_.mode == Mode::resample) member.weight = decision.weight;
  const bool answers = decision.made_from >= member.segments;
  switch (decision.action) {
    case Action::go_on:
      ++counters_.continued;
      if (answers) member.expects = false;
      break;
    case Action::stop:
      ++counters_.stopped;
      if (member.state != MemberState::failed) member.state = MemberState::stopped;
      member.expects = false;
      break;
    case Action::restart:
    case Action::reseed:
      ++counters_.restarted;
      physics_->restart(member.number,
                        decision.action == Action::restart
                            ? std::span<const double>{member.waiting.state}
                            : std::span<const double>{},
                        order.seed);
      member.state = MemberState::running;
      member.expects = false;
      break;
  }
  if (call_) call_(decision);
}

/// Without a decision.
void Members::go_on_alone(std::size_t index, const Order& order)
{
  Member& member = records_[index];
  member.expects = false;
  if (order.what != Order::What::reseed) return;
  physics_->restart(member.number, {}, order.seed);
  member.state = MemberState::running;
}

}  // namespace cardan::ensemble
