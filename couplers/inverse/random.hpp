/// Random numbers of chains: the same wherever the library was built, a stream of its own for each.
#pragma once

#include <cmath>
#include <cstdint>

namespace cardan::inverse {

/// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
class Random {
 public:
  explicit Random(std::uint64_t seed, std::uint64_t stream = 0) : state_(seed)
  {
    state_ = next() + 0xD1B54A32D192ED03U * (stream + 1);
    state_ = next();
  }

  std::uint64_t next()
  {
    std::uint64_t x = state_ += 0x9E3779B97F4A7C15U;
    x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9U;
    x = (x ^ (x >> 27U)) * 0x94D049BB133111EBU;
    return x ^ (x >> 31U);
  }
  /// Above 0 and below 1.
  double uniform() { return (static_cast<double>(next() >> 11U) + 0.5) * 0x1.0p-53; }
  std::size_t below(std::size_t count)
  {
    return static_cast<std::size_t>(uniform() * static_cast<double>(count));
  }
  /// Of mean 0 and deviation 1 (Marsaglia's polar method).
  double normal()
  {
    if (spare_there_) {
      spare_there_ = false;
      return spare_;
    }
    double x = 0;
    double y = 0;
    double square = 0;
    do {
      x = 2 * uniform() - 1;
      y = 2 * uniform() - 1;
      square = x * x + y * y;
    } while (square >= 1 || square == 0);
    const double factor = std::sqrt(-2 * std::log(square) / square);
    spare_ = y * factor;
    spare_there_ = true;
    return x * factor;
  }

 private:
  std::uint64_t state_;
  double spare_ = 0;
  bool spare_there_ = false;
};

}  // namespace cardan::inverse
