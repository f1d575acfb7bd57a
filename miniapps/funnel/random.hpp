/// Random numbers that are a function of what they are for: the same on any number of ranks.
#pragma once

#include <cstdint>

namespace funnel {

/// The numbers of one seed and one candidate: splitmix64 (Steele, Lea and Flood, 2014), a stream of
/// its own for each pair.
class Random {
 public:
  Random(std::uint64_t seed, std::uint64_t candidate)
      : state_(finish(finish(seed + step) ^ (candidate * 0xd1b54a32d192ed03ULL + step)))
  {}
  /// In [0, 1), in steps of 2^-53.
  double uniform()
  {
    state_ += step;
    return static_cast<double>(finish(state_) >> 11) * 0x1p-53;
  }
  double uniform(double low, double high) { return low + (high - low) * uniform(); }

 private:
  static constexpr std::uint64_t step = 0x9e3779b97f4a7c15ULL;
  static std::uint64_t finish(std::uint64_t bits)
  {
    bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9ULL;
    bits = (bits ^ (bits >> 27)) * 0x94d049bb133111ebULL;
    return bits ^ (bits >> 31);
  }

  std::uint64_t state_;
};

}  // namespace funnel
