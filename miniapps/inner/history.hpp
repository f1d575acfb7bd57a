// What a run of the reactor did, step by step.
#pragma once

#include <cardan/surrogate.hpp>

#include <mpi.h>

#include <cstdint>
#include <vector>

namespace inner {

// Per-step series, the same on all simulation ranks once joined.
struct History {
  std::int64_t first = 0;                 // the first step that was done: larger after a restart
  std::vector<double> chemistry_seconds;  // the slowest rank's
  std::vector<std::int64_t> asked;        // cells
  std::vector<std::int64_t> trusted;      // cells answered by the model
  std::vector<std::int64_t> solved;       // cells integrated by the solver
  std::vector<std::int64_t> late;         // cells whose answer came too late
  std::vector<std::int64_t> model_version;
  std::vector<std::int64_t> weights_age_steps;
  std::vector<double> loss;
  std::vector<double> validation_loss;
  double wall_seconds = 0;
  double mass_drift = 0;   // relative, end against begin
  bool all_solved = true;  // every untrusted cell was integrated, on every rank
  cardan::Counters counters;

  // Collective: sums cells and takes the largest times over ranks.
  void join(MPI_Comm comm);
  double chemistry() const;         // seconds, all steps
  double trusted_fraction() const;  // of all cells in all steps
};

}  // namespace inner
