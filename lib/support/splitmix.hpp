/// Random numbers that are the same wherever the library was built.
#pragma once

#include <cstdint>

namespace cardan {

/// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next()
  {
    std::uint64_t x = state_ += 0x9E3779B97F4A7C15U;
    x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9U;
    x = (x ^ (x >> 27U)) * 0x94D049BB133111EBU;
    return x ^ (x >> 31U);
  }
  /// At least 0 and below 1.
  double uniform() { return static_cast<double>(next() >> 11U) * 0x1.0p-53; }
  /// From 0 to count - 1; `count` is far below 2^53.
  std::size_t below(std::size_t count)
  {
    return static_cast<std::size_t>(uniform() * static_cast<double>(count));
  }
  /// For a member to go on with: never negative.
  std::int64_t seed() { return static_cast<std::int64_t>(next() >> 1U); }

 private:
  std::uint64_t state_;
};

}  // namespace cardan
