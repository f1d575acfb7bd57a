/// A filter against a truth of its own: the experiment behind every published number.
#pragma once

#include "filter.hpp"
#include "sites.hpp"

#include <mpi.h>

#include <cstdint>
#include <vector>

namespace twin {

struct ExperimentSettings {
  int members = 40;
  /// Analyses that count, and those before that do not (DAPPER's BurnIn).
  std::int64_t cycles = 2000;
  std::int64_t spin_up = 400;
  /// Model steps between two observations.
  int interval = 1;
  /// Observed sites; empty: as `choose` says, or all of them.
  std::vector<int> sites;
  /// Used where its count is below the number of sites and `sites` is empty.
  SiteSettings choose{SiteRule::fixed, 0};
  double deviation = 1;
  ErrorLaw law = ErrorLaw::gaussian;
  /// Of the members at the start, around a state near the truth.
  double initial_deviation = 0.03162277660168379;
  /// Where the score is taken: sites from first to last - 1; last 0: all.
  std::size_t scored_first = 0;
  std::size_t scored_last = 0;
  std::uint64_t seed = 1;
};

/// Means over the cycles that count: root mean square over the sites of the mean's error, and root
/// of the mean variance.
struct Score {
  double analysis = 0;
  double forecast = 0;
  double analysis_spread = 0;
  double forecast_spread = 0;
  /// Standard error of `analysis`, from 20 blocks of cycles.
  double error = 0;
};

/// Collective over `comm`. The truth runs by `asset` (whose state may be longer: its first sites
/// are the twin's) with `asset_interval` steps for `settings.interval` of `model`; 0: as many. The
/// same bits on any number of ranks.
Score run_experiment(MPI_Comm comm, const ExperimentSettings& settings, Model& asset, Model& model,
                     Filter& filter, int asset_interval = 0);

}  // namespace twin
