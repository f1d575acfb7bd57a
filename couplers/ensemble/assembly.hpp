/// Reports become frames: the parts of a member that runs on several ranks are put together.
#pragma once

#include "couplers/ensemble/frame.hpp"

#include <cardan/steering.hpp>

#include <cstdint>
#include <vector>

namespace cardan::ensemble {

/// A frame of a member, with all its parts.
struct Arrived {
  int member = 0;
  FrameKind kind = FrameKind::frame;
  std::int64_t segment = -1;
  /// When its first part was ready.
  std::int64_t clock = 0;
  double time = 0;
  double weight = 1;
  double objective = 0;
  std::vector<double> descriptor;
  /// One part after the other.
  std::vector<double> state;
  /// By part: whether it has come; and how many have not.
  std::vector<char> has;
  int missing = 0;
};

class Assembly {
 public:
  Assembly(const EnsembleShape& shape, int members, int parts);

  /// Takes a report in; the frame, where this was the last part of one. It stays until `take` is
  /// called again; its memory may be swapped for another frame's.
  Arrived* take(const Report& report);
  /// Frames given up because a newer one of the same member was whole before they were.
  [[nodiscard]] std::int64_t incomplete() const { return incomplete_; }

 private:
  Arrived& slot_of(int member, std::int64_t segment);
  void begin(Arrived& frame, int member, std::int64_t segment) const;

  EnsembleShape shape_;
  int parts_;
  /// By member: frames of which parts are missing, and free memory (segment -1).
  std::vector<std::vector<Arrived>> open_;
  std::int64_t incomplete_ = 0;
};

}  // namespace cardan::ensemble
