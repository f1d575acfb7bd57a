/// What the decision log is told of members.
#pragma once

#include "couplers/ensemble/member.hpp"

#include <cstdint>

namespace cardan::ensemble {

/// What became of a decision that arrived.
enum class Followed : std::int64_t {
  /// It was followed; or it came late, and was followed all the same.
  yes = 0,
  although_late = 1,
  /// It came too late.
  too_late = 2,
  /// A newer one took its place before it could be followed.
  superseded = 3
};

/// Gets every decision, on the first rank of its member; on the others only their turns.
class MemberLog {
 public:
  virtual ~MemberLog() = default;
  virtual void add(const Waiting& decision, Followed followed, std::int64_t segment) = 0;
  /// All members of this rank have done a segment, and so have those of all other simulation ranks.
  virtual void round() = 0;
  /// Between two segments of ranks that do not wait for each other.
  virtual void between() = 0;
  /// A run ends on this rank.
  virtual void leave() = 0;
  virtual void abandon() noexcept = 0;
};

}  // namespace cardan::ensemble
