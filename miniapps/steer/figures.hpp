/// Figures of runs: medians, spreads, ratios.
#pragma once

#include "episode.hpp"

#include <optional>
#include <string>
#include <vector>

namespace steer {

/// Runs of one method with one set of parameters, in the order of their seeds.
struct Group {
  std::string method;
  double temperature = 0;
  std::vector<const Episode*> runs;
};

/// In the order in which they were run; pointers into `episodes`.
std::vector<Group> grouped(const std::vector<Episode>& episodes);

/// The middle one, or the mean of both; values that are none count as larger than all. Empty where
/// the middle is none.
std::optional<double> median(std::vector<std::optional<double>> values);

struct Spread {
  double p5 = 0;
  double p25 = 0;
  double median = 0;
  double p75 = 0;
  double p95 = 0;
  std::size_t count = 0;
};
/// Of values in any order; empty where there are none.
std::optional<Spread> spread_of(std::vector<double> values);

std::optional<double> median_coverage(const Group& group);
/// In microseconds, over all seeds: latency, work, and what is between them.
std::optional<Spread> latency_of(const Group& group);
std::optional<Spread> work_of(const Group& group);
std::optional<Spread> overhead_of(const Group& group);
/// Means over seeds, and their standard errors (0 for one seed).
struct Shares {
  std::vector<double> mean;
  std::vector<double> error;
};
Shares populations_of(const Group& group);
Shares isomers_of(const Group& group);

/// How many times less simulated time than independent walkers need; a lower bound where those were
/// censored.
struct Ratio {
  double value = 0;
  bool at_least = false;
};
std::optional<Ratio> ratio_to(const Group& independent, const Group& group);
/// The group of independent walkers at this one's temperature; or null.
const Group* independent_of(const std::vector<Group>& groups, const Group& group);
/// Simulated time per second, of each run.
std::vector<double> rates_of(const Group& group);

}  // namespace steer
