/// The plan of a channel: who sends what to whom, and where it lies in window memory. Made once,
/// when it opens.
#pragma once

#include "channel/ends.hpp"
#include "channel/patch.hpp"

#include <cstddef>
#include <vector>

namespace cardan::channel {

/// Cells, headers and slots begin on lines of their own.
inline constexpr std::size_t line = 64;

/// How one field of a lane lies in a slot.
struct Part {
  FieldSpec spec;
  /// Bytes from the slot's begin to where this lane's part begins.
  std::size_t offset = 0;
  /// The overlap (boxes) or one sample (batches), as it lies in the slot.
  Patch patch;
  /// Boxes: where the overlap begins in the producer's own array, in elements.
  Extents origin;
};

/// One producer and one consumer: a ring of slots and two sequence numbers. Offsets are in bytes of
/// the consumer's memory, but for the credit cell, which lies in the producer's.
struct LanePlan {
  int producer = 0;
  int consumer = 0;
  std::size_t cell = 0;
  std::size_t headers = 0;
  std::size_t slots = 0;
  std::size_t stride = 0;
  std::size_t credit = 0;
  /// Batches: the most samples in a slot.
  std::int64_t capacity = 0;
  std::vector<Part> parts;
};

struct Plan {
  std::vector<LanePlan> out;
  std::vector<LanePlan> in;
  std::size_t bytes = 0;
  int depth = 0;
  bool boxes = false;
};

/// This rank's plan, from what all ranks declare. Depth 0 chooses by the size of the largest slot.
Plan make_plan(const std::vector<End>& ends, int rank, int depth);

/// Samples [first, first + count) of `total` that go to part `i` of `parts`, as even as can be.
struct Cut {
  std::int64_t first;
  std::int64_t count;
};
Cut cut_evenly(std::int64_t total, int parts, int i);

}  // namespace cardan::channel
