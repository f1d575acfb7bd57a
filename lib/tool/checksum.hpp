/// The checksum of an array in a checkpoint: docs/checkpoint-layout.md.
#pragma once

#include <cstddef>
#include <cstdint>

namespace cardan::tool {

/// The finaliser of SplitMix64 (Steele, Lea and Flood 2014).
constexpr std::uint64_t mix(std::uint64_t x)
{
  x ^= x >> 30;
  x *= 0xBF58476D1CE4E5B9;
  x ^= x >> 27;
  x *= 0x94D049BB133111EB;
  return x ^ x >> 31;
}

/// What the elements [first, first + count) of an array add to its checksum; `data` holds their bits
/// as unsigned integers.
template <class Bits>
std::uint64_t checksum(const Bits* data, std::int64_t first, std::int64_t count)
{
  std::uint64_t sum = 0;
  std::uint64_t place = static_cast<std::uint64_t>(first) * 0x9E3779B97F4A7C15;
  for (std::int64_t i = 0; i < count; ++i, place += 0x9E3779B97F4A7C15)
    sum += mix(place + static_cast<std::uint64_t>(data[i]) + 1);
  return sum;
}

}  // namespace cardan::tool
