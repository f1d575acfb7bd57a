/// Which federations an experiment consists of.
#pragma once

#include "experiment.hpp"
#include "options.hpp"

#include <string>
#include <vector>

namespace federate {

/// To choose settings by what silos hold out: each a federation of its own, the same on all ranks.
/// Empty where nothing is to be chosen.
std::vector<Plan> sweep_plans(const Settings& settings, const std::string& folder);
/// The settings of the federation whose held-out loss is lowest take the place of those in
/// `settings`: of all without a proximal term its steps and its rate, of the others mu.
void choose(const std::vector<Outcome>& swept, Settings& settings);
/// The proximal term is chosen after steps and rate, with these.
std::vector<Plan> proximal_plans(const Settings& settings, const std::string& folder);
/// What is compared, in this order.
std::vector<Plan> make_plans(const Settings& settings, const std::string& folder);

/// Rank 0 of MPI_COMM_WORLD writes the run files that the plans name: the given one with what the
/// plan puts in its place.
void write_run_files(const std::vector<Plan>& plans, const std::string& run_file);

/// Throws where only one federation fits: with ML ranks launched beside, which serve one session.
void check_launch(const Settings& settings);

}  // namespace federate
