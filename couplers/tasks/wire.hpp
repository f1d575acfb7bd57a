/// Work that an ML rank deals out to simulation ranks: orders go out, results come back. Pipelines,
/// inversions and tunings are made of it, and it of steering's lanes.
#pragma once

#include "couplers/steering/ends.hpp"

#include <cstdint>
#include <span>
#include <string>

namespace cardan::tasks {

/// The most numbers of an order and of a result.
struct Shape {
  std::int64_t order = 1;
  std::int64_t result = 1;
};

/// Kinds below zero belong to this layer: that no more orders come, and that the ML rank is still
/// there.
inline constexpr std::int32_t end_of_orders = -1;
inline constexpr std::int32_t still_here = -2;

/// One piece of work. What it means is the coupler's.
struct Order {
  /// Given back with the result.
  std::int64_t id = 0;
  /// Not negative.
  std::int32_t kind = 0;
  /// Of the model that led to it; 0: none.
  std::uint32_t version = 0;
  std::span<const double> numbers;
};

/// What became of it. `numbers` as long as the worker made them.
struct Result {
  int worker = 0;
  std::int64_t id = 0;
  std::int32_t kind = 0;
  /// Seconds of work, and from the end of the work before until this one began.
  double seconds = 0;
  double idle = 0;
  std::span<const double> numbers;
};

/// What both sides open. `depth`: orders that wait with a worker at most. ML ranks need no shape:
/// they learn it.
steering::Declaration declaration_of(const std::string& name, int depth, const Shape& shape = {});

}  // namespace cardan::tasks
