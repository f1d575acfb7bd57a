/// A quick 64-bit checksum of numbers.
#pragma once

#include <cstdint>

namespace cardan::reduction {

/// XXH64 (Collet, 2014) with seed 0 of their bytes, which are little-endian.
std::uint64_t hash(const double* numbers, std::int64_t count);

}  // namespace cardan::reduction
