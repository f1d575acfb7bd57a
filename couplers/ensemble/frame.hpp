/// What members and the ML rank tell each other: the fields of frames and of decisions.
#pragma once

#include "couplers/steering/ends.hpp"

#include <cardan/ensemble.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace cardan::ensemble {

/// What a report of a member is.
enum class FrameKind : std::int32_t {
  /// Where it is after a segment.
  frame = 0,
  /// The same, and it came to its own end.
  ended = 1,
  /// What it produced is not a number; descriptor and state are zeros.
  failed = 2
};

/// The parts of a report: tag is the member, part the rank within it (only part 0 has a
/// descriptor), step the segment, values the member's simulated time and its weight.
enum ReportField : std::size_t { kind_field, objective_field, descriptor_field, state_field };
/// The parts of a decision: tag is the member.
enum DecisionField : std::size_t {
  action_field,
  from_member_field,
  from_segment_field,
  seed_field,
  score_field,
  weight_field,
  restart_field
};

/// kind int32, objective float64, descriptor float64 [d], state float64 [s].
Features report_fields(const EnsembleShape& shape);
/// action int32, from_member int32, from_segment int64, seed int64, score float64, weight float64,
/// state float64 [s]. Each part of a member gets its own part of the state.
Features decision_fields(const EnsembleShape& shape);

/// Members over simulation ranks: teams of `ranks_per_member` ranks in order, members dealt to the
/// teams in blocks that differ by one at most.
struct Deal {
  int members = 1;
  int ranks_per_member = 1;
  int ranks = 1;

  [[nodiscard]] int teams() const { return ranks / ranks_per_member; }
  [[nodiscard]] int team_of(int member) const;
  [[nodiscard]] std::vector<int> members_of(int team) const;
  /// Of a rank: its team (-1: left over, where the ranks do not divide), and its part.
  [[nodiscard]] int team(int rank) const;
  [[nodiscard]] int part(int rank) const { return rank % ranks_per_member; }
  /// The rank of a member's part.
  [[nodiscard]] int rank_of(int member, int part) const
  {
    return team_of(member) * ranks_per_member + part;
  }
};

}  // namespace cardan::ensemble
