/// What the runs say together: rates, comparisons at equal bytes, costs, drift.
#pragma once

#include "episode.hpp"

#include <optional>
#include <string>
#include <vector>

namespace reduce {

using Episodes = std::vector<const Episode*>;

Episodes of_kind(const std::vector<Episode>& episodes, const std::string& kind);

/// Root mean square of x - x', as the judges found it.
double rms_error(const Episode& episode);

/// An encoder beside uniform quantisation with entropy coding ("none") at the same bytes.
struct Comparison {
  std::string encoder;
  double eps = 0;
  double bits = 0;
  /// Errors over those that "none" has at the same number of bits, between its points (logarithm of
  /// the error over bits). With fewer bits than any of its points: over those of the nearest, which
  /// moves more; the quotients are then upper bounds. Empty where it has no point with as many.
  std::optional<double> rms;
  std::optional<double> max;
  bool at_most = false;
};
/// Of all encoders but "none".
std::vector<Comparison> at_equal_bytes(const Episodes& rate);
/// By bound, that with the least root mean square; those that cannot be compared are left out.
std::vector<Comparison> best_of(const std::vector<Comparison>& all);

struct Spread {
  double p5 = 0, median = 0, p95 = 0;
};
Spread spread_of(std::vector<double> values);

struct Cost {
  /// Seconds in puts over seconds of the solver: of each repetition, and their median.
  std::vector<double> fractions;
  double fraction = 0;
  /// Of single puts.
  Spread of_puts;
  Spread putting;
  Spread solving;
  double ratio = 0;
};
Cost cost_of(const Episodes& cost);

struct Drift {
  std::string encoder;
  bool retrain = false;
  /// Raw over moved bytes: of the last quarter before the change, the first and the last one after.
  double before = 0, after = 0, end = 0;
  double latent_before = 0, latent_after = 0, latent_end = 0;
};
Drift drift_of(const Episode& episode);

}  // namespace reduce
