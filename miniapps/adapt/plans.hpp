/// Which runs a comparison consists of.
#pragma once

#include "episode.hpp"
#include "options.hpp"

#include <string>
#include <vector>

namespace adapt {

/// In the order in which they are run; the same on all ranks. The spin task is not among them: it
/// makes its own (spin.hpp).
std::vector<Plan> make_plans(const Settings& settings, const std::string& folder);

/// Rank 0 of MPI_COMM_WORLD writes the run files that the plans name: the given one with what the
/// command line puts in its place. Throws on that rank.
void write_run_files(const Settings& settings, const std::string& run_file,
                     const std::string& folder);

/// Throws where only one run fits: with ML ranks launched beside (`cardan-ml`), which serve one
/// session.
void check_launch(const Settings& settings, const std::vector<Plan>& plans);

}  // namespace adapt
