/// Random numbers that are a function of what they are for: the same on any number of ranks.
#pragma once

#include <cmath>
#include <cstdint>

namespace adapt {

/// What a number is drawn for; each has numbers of its own.
enum class SpinPurpose : std::uint64_t { couplings, start, parents, crossover, mutation, lessons };

/// The numbers of one seed, purpose, generation and individual, by SplitMix64 (Steele, Lea and
/// Flood 2014). Cheap to make: one for every use.
class SpinRandom {
 public:
  SpinRandom(std::uint64_t seed, SpinPurpose purpose, std::int64_t generation = 0,
             std::int64_t individual = 0)
      : state_(mixed(mixed(mixed(mixed(seed) + static_cast<std::uint64_t>(purpose)) +
                           static_cast<std::uint64_t>(generation)) +
                     static_cast<std::uint64_t>(individual)))
  {}

  /// In [0, 1), in steps of 2^-53.
  double uniform() { return static_cast<double>(next() >> 11U) * 0x1.0p-53; }
  /// In 0 .. below - 1.
  std::int64_t index(std::int64_t below)
  {
    return static_cast<std::int64_t>(uniform() * static_cast<double>(below));
  }
  /// Mean 0, variance 1 (Box and Muller 1958).
  double gaussian()
  {
    const double radius = std::sqrt(-2 * std::log(1 - uniform()));
    return radius * std::cos(2 * 3.14159265358979323846 * uniform());
  }

 private:
  static std::uint64_t mixed(std::uint64_t x)
  {
    x += 0x9E3779B97F4A7C15U;
    x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9U;
    x = (x ^ (x >> 27U)) * 0x94D049BB133111EBU;
    return x ^ (x >> 31U);
  }
  std::uint64_t next()
  {
    state_ += 0x9E3779B97F4A7C15U;
    return mixed(state_);
  }

  std::uint64_t state_;
};

}  // namespace adapt
