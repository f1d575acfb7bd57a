/// What a run leaves: steer.h5 and summary.json in the output folder, and tables for a person.
#pragma once

#include "episode.hpp"
#include "figures.hpp"
#include "options.hpp"

#include <string>
#include <vector>

namespace steer {

/// All that was run, on the first simulation rank.
struct Results {
  Settings settings;
  /// As `--report`; empty for a comparison.
  std::string report;
  std::vector<Episode> episodes;
  double wall_seconds = 0;
};

/// One rank: writes both files and prints the summary to standard output; throws where it cannot.
void report(const Results& results, const std::string& folder);

/// Its parts: summary.json's text, the archive, the tables.
std::string summary_text(const Results& results);
void write_archive(const Results& results, const std::string& path);
void print_tables(const Results& results);

}  // namespace steer
