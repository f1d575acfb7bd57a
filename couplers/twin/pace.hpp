/// Waiting for a moment of the clock.
#pragma once

#include <chrono>

namespace cardan::twin {

using Moment = std::chrono::steady_clock::time_point;

inline Moment now()
{
  return std::chrono::steady_clock::now();
}
inline Moment after(Moment moment, double seconds)
{
  return moment + std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                      std::chrono::duration<double>(seconds));
}
/// Seconds from `begin` to `end`.
inline double between(Moment begin, Moment end)
{
  return std::chrono::duration<double>(end - begin).count();
}

/// Sleeps until shortly before it, and yields the core for the rest: a sleep alone ends up to a
/// tenth of a millisecond late, and later on a busy core.
void wait_for(Moment moment);

}  // namespace cardan::twin
