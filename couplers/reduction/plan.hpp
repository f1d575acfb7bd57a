/// How a field is packed best, told from a few of its blocks.
#pragma once

#include "couplers/reduction/codec.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace cardan::reduction {

struct Plan {
  bool transformed = false;
  /// Of the differences of the numbers.
  int order = 0;
  double latent_step = 0;
};

/// What it is to choose among.
struct PlanQuestion {
  const Blocking& blocking;
  const Transform& transform;
  const double* values;
  /// Blocks that are sent.
  std::span<const std::int64_t> blocks;
  double step;
  double eps;
  bool fall_back;
};
Plan choose_plan(const PlanQuestion& question);

/// Numbers that a transform can read: what is none, or far beyond all others, is zero there.
/// Returns `numbers` where nothing had to be changed, else the changed ones in `memory`.
const double* readable(const double* numbers, std::int64_t count, std::vector<double>& memory);

}  // namespace cardan::reduction
