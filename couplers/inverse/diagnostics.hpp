/// What chains say of how well they mix. Pure functions.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace cardan::inverse {

/// One chain's numbers of one parameter: every `stride`-th of an array.
struct Series {
  const double* first = nullptr;
  std::size_t count = 0;
  std::size_t stride = 1;
  double operator[](std::size_t i) const { return first[i * stride]; }
};

struct Moments {
  double count = 0;
  double mean = 0;
  /// Sum of squared deviations from the mean.
  double squares = 0;
  [[nodiscard]] double variance() const { return count > 1 ? squares / (count - 1) : 0; }
};
Moments moments(const Series& series);
/// Of both together.
Moments joined(const Moments& a, const Moments& b);

/// Effective samples: count over the integrated autocorrelation time, whose sum of autocovariances
/// ends as Geyer's initial monotone sequence does (Geyer, "Practical Markov chain Monte Carlo",
/// 1992). At most count; 0 where nothing ever moves.
double effective_samples(const Series& series);

/// Potential scale reduction (Gelman and Rubin 1992) of parts of the same length, as a rule halves
/// of chains: their moments. 1 where they agree; not a number below two parts or two samples.
double scale_reduction(std::span<const Moments> parts);

/// One chain's part in a report, for one parameter: moments of its halves and of all, effective
/// samples.
struct ChainSummary {
  Moments first;
  Moments second;
  Moments all;
  double effective = 0;
};
ChainSummary summary(const Series& series);

}  // namespace cardan::inverse
