/// Which runs a report consists of.
#pragma once

#include "options.hpp"

#include <string>
#include <vector>

namespace funnel {

/// One run of the pipeline over one library: a session of its own.
struct Plan {
  /// "resplit" or "fixed": whether ranks move between stages.
  std::string kind;
  std::int64_t seed = 1;
  LibrarySettings library;
  std::string run_file;
  std::string folder;
};

/// In the order in which they are run; the same on all ranks. Those of one seed follow each other.
std::vector<Plan> make_plans(const Settings& settings, const std::string& report,
                             const std::string& folder);

/// Rank 0 writes the run file of each plan: the given one with what the plan and the command line
/// put in its place.
void write_run_files(const Settings& settings, const std::vector<Plan>& plans,
                     const std::string& run_file);

/// Throws where ML ranks were launched beside, and there are several runs: they serve one session.
void check_launch(const std::vector<Plan>& plans);

}  // namespace funnel
