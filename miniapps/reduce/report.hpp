/// What a program leaves behind: tables, summary.json, reduce.h5.
#pragma once

#include "episode.hpp"
#include "options.hpp"

#include <string>
#include <vector>

namespace reduce {

struct Results {
  Settings settings;
  std::string report;
  std::vector<Episode> episodes;
  double wall_seconds = 0;
};

void print_tables(const Results& results);
std::string summary_text(const Results& results);
void write_archive(const Results& results, const std::string& path);
/// All of them, on one rank.
void report(const Results& results, const std::string& folder);

/// The run that the summary's numbers at its top are of: the default encoder at the default bound
/// or the nearest one; null where there is none.
const Episode* headline(const Results& results);

}  // namespace reduce
