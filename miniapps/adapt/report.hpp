/// What a run leaves: adapt.h5 and summary.json in the output folder, and tables for a person.
#pragma once

#include "episode.hpp"
#include "figures.hpp"
#include "options.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace adapt {

/// All that was run, on the first simulation rank.
struct Results {
  Settings settings;
  std::vector<Episode> episodes;
  /// What the spin task says of itself; null where it did not run.
  nlohmann::json spin;
  double wall_seconds = 0;
};

/// One rank: writes both files and prints the summary to standard output; throws where it cannot.
void report(const Results& results, const std::string& folder);

/// Its parts: summary.json's text, the archive, the tables.
std::string summary_text(const Results& results);
void write_archive(const Results& results, const std::string& path);
void print_tables(const Results& results);

}  // namespace adapt
