/// Numbers at random that depend on a seed and a place only: the same on any number of ranks.
#pragma once

#include <cstdint>

namespace reduce {

/// In [0, 1): splitmix64's finaliser (Steele, Lea and Flood, 2014) of the seed and the place.
inline double noise(std::uint64_t seed, std::uint64_t place)
{
  std::uint64_t bits = seed * 0x9e3779b97f4a7c15ULL + (place + 1) * 0xd1b54a32d192ed03ULL;
  bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9ULL;
  bits = (bits ^ (bits >> 27)) * 0x94d049bb133111ebULL;
  bits ^= bits >> 31;
  return static_cast<double>(bits >> 11) * 0x1p-53;
}

}  // namespace reduce
