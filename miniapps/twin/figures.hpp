/// Figures of runs: means over cycles and seeds, percentiles, recovery.
#pragma once

#include "episode.hpp"

#include <optional>
#include <string>
#include <vector>

namespace twin {

/// Runs of one method, in the order of their seeds.
struct Group {
  std::string method;
  std::vector<const Episode*> runs;
};
/// In the order in which they were run; pointers into `episodes`.
std::vector<Group> grouped(const std::vector<Episode>& episodes);
/// Null where there is none of that name.
const Group* find(const std::vector<Group>& groups, const std::string& method);

/// Means over the cycles after the spin-up.
double analysis_rmse(const Episode& run);
double forecast_rmse(const Episode& run);
double mean_spread(const Episode& run);
double mean_energy(const Episode& run);
/// Share of the cycles after the spin-up whose forecast was corrected.
double trusted_share(const Episode& run);

/// Over seeds; `deviation` is that of a seed, 0 for one.
struct Mean {
  double mean = 0;
  double deviation = 0;
  std::vector<double> values;
};
Mean over_seeds(const Group& group, double (*of)(const Episode&));
/// How much less `b` is than `a`, seed by seed, as a share of `a`.
Mean reduction(const Mean& a, const Mean& b);

struct Percentiles {
  double p50 = 0;
  double p95 = 0;
  double p99 = 0;
  double p999 = 0;
  double most = 0;
  std::size_t count = 0;
};
/// Of values in any order, those that are numbers; empty where there are none.
std::optional<Percentiles> percentiles(std::vector<double> values);
/// In microseconds, over all seeds.
std::optional<Percentiles> latency_of(const Group& group);
std::optional<Percentiles> work_of(const Group& group);

/// What became of the analysis error after a change of regime; all windows are 50 cycles.
struct Recovery {
  /// Mean error of the 500 cycles before it, the largest of a window after it, and the mean of the
  /// last quarter of the run.
  double before = 0;
  double peak = 0;
  double after = 0;
  /// Cycles from the change until a window's mean is within 1.5 times the level before it; none: it
  /// never is. And until it is within 1.1 times the level after it.
  std::optional<double> to_before;
  std::optional<double> to_after;
};
std::optional<Recovery> recovery_of(const Episode& run);

/// Whether two runs gave the same bits in all cycles.
bool same_bits(const Episode& a, const Episode& b);

}  // namespace twin
