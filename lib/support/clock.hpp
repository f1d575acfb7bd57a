/// The clock that stamps of reports, requests and decisions are of.
#pragma once

#include <chrono>
#include <cstdint>

namespace cardan {

/// Nanoseconds of the clock that all processes of a node share.
inline std::int64_t clock()
{
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace cardan
