/// What the runs say: how much of the best was found, and at which cost; what others had found.
#pragma once

#include "episode.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace funnel {

/// The candidates of the highest labels, so many as the share says, at least one; best first.
std::vector<std::int64_t> best_of(const std::vector<double>& labels, double share);

/// How one way through the library does: after each fine solve the rank-seconds spent so far and
/// the share of the best that is among those solved.
struct Curve {
  std::string strategy;
  std::vector<double> cost;
  std::vector<double> recall;

  /// Recall where so much was spent; and what was spent where recall was reached first (all of it
  /// where never).
  [[nodiscard]] double recall_at(double spent) const;
  [[nodiscard]] double cost_of(double reached) const;
};

struct Outcome {
  std::int64_t best = 0;
  double recall = 0;
  /// Share of the best among those solved finely, over their share in the library.
  double enrichment = 0;
  /// Rank-seconds of all stages' work over those of the exhaustive search; the same with each
  /// candidate at the mean cost that the exhaustive search and the coarse solves beside it had; and
  /// with the ML ranks' whole time on top.
  double cost_fraction = 0;
  double counted_fraction = 0;
  double whole_fraction = 0;
  /// Seconds until the first and the last of the best were found; negative: never.
  double first_hit = -1;
  double last_hit = -1;
  /// Of the steady state, as the coupler says and as the ranks' own clocks do.
  double busy_fraction = 0;
  double busy_measured = 0;
  double exhaustive_seconds = 0;
  Curve funnel;
  Curve exhaustive;
  Curve random;
  Curve coarse16;
  Curve coarse32;
  /// Share of the best among as many that a coarse solve alone calls the best.
  double picked16 = 0;
  double picked32 = 0;
};

Outcome outcome_of(const Episode& episode, const Settings& settings);

/// Share of the ranks' time from `begin` to `end` that pieces of work cover.
double covered(const std::vector<Piece>& pieces, int ranks, double begin, double end);

double median(std::vector<double> values);

}  // namespace funnel
