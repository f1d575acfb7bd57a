/// What a program leaves behind: tables, summary.json, invert.h5.
#pragma once

#include "episode.hpp"
#include "figures.hpp"
#include "options.hpp"

#include <string>
#include <vector>

namespace invert {

/// All that was run, on the first simulation rank.
struct Results {
  Settings settings;
  std::vector<Episode> episodes;
  double log_likelihood_at_one = 0;
  double wall_seconds = 0;
};

/// One rank: writes both files and prints the summary to standard output; throws where it cannot.
void report(const Results& results, const std::string& folder);

/// Its parts: summary.json's text, the archive, the tables.
std::string summary_text(const Results& results);
void write_archive(const Results& results, const std::string& path);
void print_tables(const Results& results);

/// The run that the summary's numbers at its top are of: with the surrogate, else the first one.
const Episode& main_run(const std::vector<Episode>& episodes);

/// Every pair of methods that is to have the same posterior, as far as they were run: with and
/// without surrogate, right and wrong.
std::vector<Comparison> comparisons(const Results& results);

}  // namespace invert
