#include "couplers/twin/faults.hpp"

#include <initializer_list>

namespace cardan::twin {

namespace {

/// Uniform in [0, 1): splitmix64 (Steele, Lea, Flood 2014) over the parts.
double uniform(std::initializer_list<std::uint64_t> parts)
{
  std::uint64_t state = 0;
  for (const std::uint64_t part : parts) {
    state += part + 0x9e3779b97f4a7c15U;
    state = (state ^ (state >> 30U)) * 0xbf58476d1ce4e5b9U;
    state = (state ^ (state >> 27U)) * 0x94d049bb133111ebU;
    state ^= state >> 31U;
  }
  return static_cast<double>(state >> 11U) * 0x1p-53;
}

}  // namespace

Fault fault_of(const FaultSettings& settings, int rank, std::int64_t cycle)
{
  const auto draw = [&](std::uint64_t what) {
    return uniform({static_cast<std::uint64_t>(settings.seed.value_or(0)),
                    static_cast<std::uint64_t>(rank), static_cast<std::uint64_t>(cycle), what});
  };
  Fault fault;
  fault.delay = settings.jitter * draw(1);
  const double fate = draw(2);
  if (fate < settings.dropout)
    fault.fate = Fate::dropped;
  else if (fate < settings.dropout + settings.late)
    fault.fate = Fate::held_back;
  return fault;
}

}  // namespace cardan::twin
