/// Whether what schedulers did is what their rules say, from the records of runs.
#pragma once

#include "episode.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace adapt {

/// A number that is as it should be, or not.
struct Finding {
  std::string name;
  double value = 0;
  /// Allowed: from low to high.
  double low = 0;
  double high = 0;
  [[nodiscard]] bool good() const { return value >= low && value <= high; }
};

/// Promotions to a rung of trials that never were among the best 1 / eta of the rung below, by what
/// was on record there; and trials that were promoted to one rung twice.
std::int64_t wrong_promotions(const cardan::TuningReport& report, std::int64_t eta);
/// Promotions of a synchronous halving before its rung was complete, or of trials that were not
/// among the best of it.
std::int64_t wrong_rounds(const cardan::TuningReport& report, std::int64_t eta);
/// Trials whose pieces do not follow each other up to `most` epochs; those that diverged apart.
std::int64_t unfinished(const cardan::TuningReport& report, std::int64_t most);

/// All of it of a run of a function without noise: also that no loss is below the lowest value,
/// that the best on record is the report's best, and what its regret is.
std::vector<Finding> check_run(const Episode& episode, std::int64_t eta, std::int64_t most);

}  // namespace adapt
