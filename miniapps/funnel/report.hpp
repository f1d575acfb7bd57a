/// What a program leaves behind: tables, summary.json, funnel.h5.
#pragma once

#include "episode.hpp"
#include "figures.hpp"
#include "options.hpp"

#include <string>
#include <vector>

namespace funnel {

struct Results {
  Settings settings;
  std::string report;
  std::vector<Episode> episodes;
  /// Of each of them.
  std::vector<Outcome> outcomes;
  double wall_seconds = 0;
};

void print_tables(const Results& results);
std::string summary_text(const Results& results);
void write_archive(const Results& results, const std::string& path);
/// All of them, on one rank.
void report(const Results& results, const std::string& folder);

/// Whose numbers are at the summary's top: the runs with ranks that move where there are such.
std::vector<std::size_t> headline(const Results& results);
std::vector<std::size_t> of_kind(const Results& results, const std::string& kind);
/// A number of each of these runs.
template <class Number>
std::vector<double> each(const Results& results, const std::vector<std::size_t>& runs,
                         Number number)
{
  std::vector<double> values;
  values.reserve(runs.size());
  for (const std::size_t i : runs) values.push_back(number(results.outcomes[i]));
  return values;
}

}  // namespace funnel
