/// One run of a twin by one method with one seed: a session of its own.
#pragma once

#include "plans.hpp"

#include <cardan/cardan.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace twin {

/// A number for each cycle.
using Series = std::vector<double>;
using Counts = std::vector<std::int64_t>;

/// What came of it, on the first asset rank.
struct Episode {
  Plan plan;
  int asset_ranks = 1;
  int twin_ranks = 0;
  /// Root mean square over the sites: of what the asset has at the end of the cycle less the truth,
  /// of the forecast for it that came a cycle earlier, and the ensemble's mean spread.
  Series analysis_error;
  Series forecast_error;
  Series spread;
  /// Half the mean square of the truth, and the change of its forcing.
  Series energy;
  Series control;
  /// Seconds of answers on time, NaN of others; ages in cycles.
  Series latency;
  Series work;
  Counts age;
  /// Whether the answer came by its deadline; the network's version, and whether it was trusted.
  Counts on_time;
  Counts version;
  Counts trusted;
  /// Of the network, at the end.
  double trained_steps = 0;
  double loss = 0;
  /// Observations are summed over all asset ranks; cycles and misses are the same on all.
  cardan::TwinCounters counters;
  /// Of the last cycles, cycle by cycle: truth, analysis less truth, and 1 where there was a site.
  Series truth;
  Series difference;
  Series sites;
  double seconds = 0;
  double period = 0;
  std::string ml_library;
};

/// Told on the first asset rank after each cycle.
using Told = std::function<void(std::int64_t cycle, const Episode& so_far)>;

/// Collective over MPI_COMM_WORLD and blocking; twin ranks serve. Empty but on the first asset
/// rank. Throws where the session does; one rank's error is local to it.
std::optional<Episode> run_episode(const Plan& plan, const Told& told);

}  // namespace twin
