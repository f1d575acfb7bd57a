/// What a simulation rank knows of a member.
#pragma once

#include <cardan/ensemble.hpp>

#include "couplers/steering/wire.hpp"

#include <array>
#include <cstdint>
#include <vector>

namespace cardan::ensemble {

/// A decision that has arrived, and is not followed yet.
struct Waiting {
  bool present = false;
  MemberDecision decision;
  /// Of the rank that decided, in the session's communicator.
  int rank = -1;
  std::uint64_t seed = 0;
  /// When the frame that led to it was ready; 0: none did.
  std::int64_t clock = 0;
  /// Ended by a zero.
  std::array<char, steering::reason_bytes> reason{};
  /// Of a restart; empty memory where it begins anew.
  std::vector<double> state;
};

struct Member {
  int number = 0;
  MemberState state = MemberState::running;
  std::int64_t segments = 0;
  /// Where this run ends.
  std::int64_t target = 0;
  double time = 0;
  double weight = 1;
  std::int64_t failures = 0;
  /// A frame was sent that a decision has to answer; since when, by the node's clock.
  bool expects = false;
  std::int64_t since = 0;
  Waiting waiting;

  [[nodiscard]] bool runs() const { return state == MemberState::running && segments < target; }
  /// Neither runs nor is it known what becomes of it.
  [[nodiscard]] bool hangs() const
  {
    return expects && state != MemberState::running && segments < target;
  }
  [[nodiscard]] bool answered() const
  {
    return waiting.present && waiting.decision.made_from >= segments;
  }
};

}  // namespace cardan::ensemble
