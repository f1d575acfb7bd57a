/// What runs say: effective samples, their costs, and whether two methods found the same posterior.
#pragma once

#include "episode.hpp"

#include <optional>
#include <string>
#include <vector>

namespace invert {

/// Null where there is none of that name.
const Episode* find(const std::vector<Episode>& episodes, const std::string& method);

/// Of one method; effective samples are medians over the 64 blocks.
struct Speed {
  /// Summed over chains, each by itself: what a chain has not seen it does not know of, so this is
  /// too large where chains do not agree. For each solve, those of the warm-up counted, and not.
  double effective = 0;
  double per_solve = 0;
  double per_solve_after = 0;
  double per_second = 0;
  /// For each exact solve's work, that of coarse solves counted too.
  double per_work = 0;
  /// Over chains together: small where they do not agree.
  double careful = 0;
  double careful_per_solve = 0;
  /// Gelman-Rubin: median and largest over the blocks.
  double reduction_median = 0;
  double reduction_largest = 0;
};
Speed speed_of(const Episode& run);

/// Accepted over proposed; none where nothing was.
std::optional<double> first_acceptance(const Episode& run);
std::optional<double> second_acceptance(const Episode& run);

/// Blocks whose posterior deviation is below the share of the prior's.
std::vector<std::size_t> identifiable(const Episode& run, const Settings& settings);

/// Means of the identifiable blocks (in both) by two methods: differences in standard errors of the
/// difference, as scores of a normal distribution (Welch's degrees of freedom, Biometrika 34,
/// 1947).
struct Comparison {
  std::string a;
  std::string b;
  std::vector<std::size_t> blocks;
  std::vector<double> scores;
  /// Mean square of the scores: 1 is expected. Blocks are not independent, so that it scatters more
  /// than a chi-square has it.
  double mean_square = 0;
  double largest = 0;
  /// The largest score that chance leaves in 95 of 100 comparisons of so many independent blocks.
  double bound = 0;
  /// Largest difference of the logarithms of deviations.
  double deviations = 0;
  /// Gelman-Rubin, the largest of these blocks by both methods: where chains do not agree among
  /// themselves a difference may be theirs.
  double reduction = 0;
  [[nodiscard]] bool same() const { return largest <= bound; }
  [[nodiscard]] bool long_enough() const { return reduction <= 1.1; }
};
std::optional<Comparison> compare(const Episode* a, const Episode* b, const Settings& settings);

/// log L at a = 1 against the published data, and against those of this run.
double log_likelihood_at_one(std::span<const double> data);

/// Root mean square of a field at the measured points less the wanted one, of a design simulated
/// again on a mesh of so many cells.
double design_error(const Episode& run, const Settings& settings, int cells);

}  // namespace invert
