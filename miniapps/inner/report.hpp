// What a run leaves: inner.h5 and summary.json in the output folder, and a few lines for a person.
#pragma once

#include "history.hpp"
#include "problem.hpp"

#include <cardan/session.hpp>

#include <optional>
#include <string>
#include <vector>

namespace inner {

// One of the two runs of a comparison: its history and this rank's block of its final state.
struct Run {
  History history;
  std::vector<double> state;
};

// What was run; `solver` is missing without --compare, `coupled` with --no-ml.
struct Results {
  std::optional<Run> solver;
  std::optional<Run> coupled;
};

// Collective. Relative L2 distance of the final fields of both runs, the largest over species; and
// each species' own.
double field_error(MPI_Comm comm, const Run& solver, const Run& coupled,
                   std::vector<double>* each = nullptr);

// Collective over the simulation ranks: writes both files and, on rank 0, prints the summary to
// standard output.
void report(cardan::Session& session, const Reactor& reactor, const Problem& problem,
            const Results& results, const std::string& folder);

}  // namespace inner
