/// Faults that a run file injects into an asset's observations.
#pragma once

#include "couplers/twin/settings.hpp"

#include <cstdint>

namespace cardan::twin {

enum class Fate { published, dropped, held_back };

struct Fault {
  Fate fate = Fate::published;
  /// Seconds.
  double delay = 0;
};

/// What befalls the observation of an asset rank in a cycle: a function of these numbers alone,
/// whatever happened before and whoever asks.
Fault fault_of(const FaultSettings& settings, int rank, std::int64_t cycle);

}  // namespace cardan::twin
