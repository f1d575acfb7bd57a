/// A session whose ranks are split anew, at random, under load.
#pragma once

#include "census.hpp"
#include "json_lines.hpp"
#include "support/resplit.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace bench {

struct ResplitOptions {
  int splits = 1000;
  int warmup = 50;
  int steps = 3;
  unsigned seed = 1;
  bool learns = true;
  std::string json;
};

/// Of all ranks.
struct ResplitFigures {
  /// Of each split behind the warm-up.
  std::vector<double> seconds;
  test::Tally observed, observed_taken;
  test::Tally reported, reported_taken;
  std::int64_t decided = 0, decided_taken = 0;
  std::int64_t requested = 0, answered = 0;
  /// Elements of a protected field that were looked at after a split, and those that were wrong.
  std::int64_t elements = 0, wrong = 0;
  /// Every answer is the one to its request.
  bool right = true;
  /// The most of any rank in the first and in the last tenth of what is behind the warm-up.
  Census before{}, after{};
  /// Windows and communicators when the session has ended.
  std::int64_t windows = 0, windows_left = 0, communicators = 0, communicators_left = 0;
};

/// Collective: so many splits under load; gives the figures after the last one.
ResplitFigures measure(const ResplitOptions& options, const std::string& run_file);

/// Prints them on the first rank; false where anything was lost, doubled, wrong or left over.
bool tell(const ResplitOptions& options, int ranks, const ResplitFigures& figures, JsonLines& json);

}  // namespace bench
