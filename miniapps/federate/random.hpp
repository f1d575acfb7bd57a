/// Random numbers that are the same from every standard library.
#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>
#include <random>

namespace federate {

class Random {
 public:
  /// A stream of its own for each pair.
  Random(std::uint64_t seed, std::uint64_t stream)
      : engine_(seed * 0x9e3779b97f4a7c15U + stream * 0xbf58476d1ce4e5b9U + 1)
  {}
  double uniform(double low, double high)
  {
    return low + (high - low) * static_cast<double>(engine_() >> 11) * 0x1p-53;
  }
  /// Box and Muller.
  double normal()
  {
    const double radius = std::sqrt(-2 * std::log(1 - uniform(0, 1)));
    return radius * std::cos(2 * std::numbers::pi * uniform(0, 1));
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace federate
