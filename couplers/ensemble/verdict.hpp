/// What becomes of members: the decisions of each mode.
#pragma once

#include "couplers/ensemble/mind.hpp"

#include <cardan/ensemble.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace cardan::ensemble {

struct Verdict {
  int member = 0;
  MemberDecision::Action action = MemberDecision::Action::go_on;
  int from_member = -1;
  std::int64_t from_segment = -1;
  double score = 0;
  double weight = 1;
  /// Where the state of a restart lies: a frame of the window, or a minimum (valid until the next
  /// frame is taken).
  std::int64_t frame = -1;
  const Minimum* minimum = nullptr;
  std::string reason;
};

/// One verdict for each of these members, which have reported, in their order. Changes records:
/// what is sent elsewhere, and who does not run any more.
std::vector<Verdict> decide(Mind& mind, std::span<const int> asked);

/// The same by what the mode says.
std::vector<Verdict> decide_restarts(Mind& mind, std::span<const int> asked);
std::vector<Verdict> decide_weights(Mind& mind, std::span<const int> asked);
std::vector<Verdict> decide_swarm(Mind& mind, std::span<const int> asked);

Verdict go_on(const Record& record, std::string reason);
/// From a frame of the window; counts it there.
Verdict restart(Mind& mind, Record& record, std::int64_t frame, std::string reason);
/// From a new state of the member's own choice.
Verdict reseed(Mind& mind, Record& record, std::string reason);
/// It does not run any more; a failed one is told to stop.
Verdict leave(Record& record, std::string reason);
/// Whether it has failed too often.
bool is_lost(const Mind& mind, const Record& record);

}  // namespace cardan::ensemble
