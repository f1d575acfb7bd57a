/// Which runs a report consists of.
#pragma once

#include "options.hpp"
#include "plan.hpp"

#include <string>
#include <vector>

namespace reduce {

/// In the order in which they are run; the same on all ranks.
std::vector<Plan> make_plans(const Settings& settings, const std::string& report,
                             const std::string& folder);

/// Rank 0 writes the run file of each plan: the given one with the plan's bound, and with what the
/// command line puts in its place.
void write_run_files(const Settings& settings, const std::vector<Plan>& plans,
                     const std::string& run_file);

/// Throws where ML ranks were launched beside: they serve one session.
void check_launch(const std::vector<Plan>& plans);

}  // namespace reduce
