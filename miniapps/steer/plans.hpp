/// Which runs a comparison or a report consists of.
#pragma once

#include "episode.hpp"
#include "options.hpp"

#include <string>
#include <vector>

namespace steer {

/// In the order in which they are run; the same on all ranks. `report` is that of the command line,
/// empty for a comparison.
std::vector<Plan> make_plans(const Settings& settings, const std::string& report,
                             const std::string& folder);

/// Collective over MPI_COMM_WORLD: rank 0 writes the run files that the plans name: the given
/// one with what the command line puts in its place.
void write_run_files(const Settings& settings, const std::vector<Plan>& plans,
                     const std::string& report, const std::string& run_file,
                     const std::string& folder);

/// Throws where only one run fits: with ML ranks launched beside (`cardan-ml`), which serve one
/// session.
void check_launch(const std::vector<Plan>& plans);

}  // namespace steer
