/// What a run leaves: twin.h5 and summary.json in the output folder, and tables for a person.
#pragma once

#include "episode.hpp"
#include "figures.hpp"
#include "options.hpp"

#include <string>
#include <vector>

namespace twin {

/// All that was run, on the first asset rank.
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

/// The method with everything on: the network, else the filter, else the last one.
const Group& main_group(const std::vector<Group>& groups);

}  // namespace twin
