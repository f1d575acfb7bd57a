/// How candidates leave a stage: a threshold that follows the scores and the next queue.
#pragma once

#include "couplers/pipeline/settings.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace cardan::pipeline {

/// k of "mean plus k spreads" where the next queue is filled by a share: `least` where it is empty,
/// `spread` at the half, `most` where it is full, and straight lines between.
double spreads_at(const PromoteSettings& settings, double fill);

/// A number at least 0 and below 1, the same for the same candidate and stage whenever it comes.
double chance_of(std::uint64_t seed, std::int64_t candidate, int stage);

class Threshold {
 public:
  explicit Threshold(const PromoteSettings& settings) : settings_(settings) {}

  /// Takes a score among the recent ones, in place of the oldest.
  void add(double score);
  /// Scores above it go on; minus infinity until there are eight.
  [[nodiscard]] double at(double fill) const;
  /// Standard deviation and mean of the recent scores.
  [[nodiscard]] double spread() const;
  [[nodiscard]] double mean() const;

 private:
  PromoteSettings settings_;
  std::vector<double> recent_;
  std::size_t next_ = 0;
};

}  // namespace cardan::pipeline
