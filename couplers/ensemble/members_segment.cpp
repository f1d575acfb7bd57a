// One segment of a member, and the frame that is sent of it.

#include "couplers/ensemble/members.hpp"

#include "support/finite.hpp"
#include "support/log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <exception>

namespace cardan::ensemble {

/// All parts of the frame are made, also where one of them is not a number: functions of a physics
/// may be collective over the member's ranks.
Team::Outcome Members::compute(Member& member, double& passed)
{
  passed = physics_->advance(member.number);
  physics_->describe(member.number, descriptor_);
  physics_->save(member.number, state_);
  objective_ = physics_->objective ? physics_->objective(member.number) : 0;
  const bool numbers = std::isfinite(passed) && std::isfinite(objective_) &&
                       (team_.part() > 0 || all_finite(descriptor_.data(), shape_.descriptor)) &&
                       all_finite(state_.data(), shape_.state);
  if (!numbers) return Team::Outcome::not_a_number;
  return passed < 0 ? Team::Outcome::ended : Team::Outcome::fine;
}

void Members::advance(std::size_t index)
{
  team_.tell({Order::What::advance, static_cast<std::int64_t>(index), 0, {}});
  segment(index);
}

/// An error of one of the member's ranks is everybody's before any of them waits for another.
void Members::segment(std::size_t index)
{
  Member& member = records_[index];
  double passed = 0;
  auto outcome = Team::Outcome::thrown;
  std::exception_ptr error;
  try {
    outcome = compute(member, passed);
  } catch (...) {
    error = std::current_exception();
  }
  outcome = team_.agree(outcome);
  if (error) std::rethrow_exception(error);
  if (outcome == Team::Outcome::thrown) team_.wait_for_error();

  ++member.segments;
  ++counters_.segments;
  switch (outcome) {
    case Team::Outcome::not_a_number: fail(index); return;
    case Team::Outcome::ended:
      member.state = MemberState::ended;
      send_frame(member, FrameKind::ended);
      return;
    default:
      member.time += passed;
      counters_.simulated_time += passed;
      send_frame(member, FrameKind::frame);
  }
}

/// Frames of several ranks belong together: none of them is dropped.
void Members::send_frame(Member& member, FrameKind kind)
{
  member.expects = false;
  if (!client_.coupled()) return;
  kind_ = static_cast<std::int32_t>(kind);
  steering::ReportHeader header;
  header.step = member.segments;
  header.tag = member.number;
  header.part = team_.part();
  header.values[0] = member.time;
  header.values[1] = member.weight;
  const bool waits = settings_.wait_when_full || !team_.alone();
  const bool sent =
      client_.report(header, fields_, waits ? steering::Full::wait : steering::Full::drop);
  ++(sent ? counters_.frames : counters_.dropped);
  member.expects = sent || kind == FrameKind::failed;
  member.since = steering::clock();
}

/// Without ML ranks nobody else reports it, or can replace it.
void Members::fail(std::size_t index)
{
  Member& member = records_[index];
  member.state = MemberState::failed;
  ++member.failures;
  ++counters_.failures;
  if (!client_.coupled() && team_.leads() && !context_.settings.quiet)
    log(fmt::format("ensemble '{}': member {} failed in segment {} (failure {} of at most {}): {}",
                    settings_.name, member.number, member.segments, member.failures,
                    settings_.failures,
                    member.failures <= settings_.failures ? "it begins anew" : "it is given up"));
  objective_ = 0;
  std::fill(descriptor_.begin(), descriptor_.end(), 0.0);
  std::fill(state_.begin(), state_.end(), 0.0);
  send_frame(member, FrameKind::failed);
  if (!client_.coupled() && team_.leads()) give_up(index);
}

}  // namespace cardan::ensemble
