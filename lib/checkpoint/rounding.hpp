/// Rounding with a bound, so that what is rounded can be compressed.
#pragma once

#include <cardan/dtype.hpp>

#include <cstdint>

namespace cardan::checkpoint {

/// Rounds each of `count` values to the nearest multiple of a power of two, so that none moves by
/// more than `bound` (positive): the last bits of all are then zero. Infinities and not-a-numbers
/// stay. Only for float32 and float64; others are left alone.
void round_within(double bound, Dtype dtype, std::int64_t count, void* values);

}  // namespace cardan::checkpoint
