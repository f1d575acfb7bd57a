/// One tuning: a session in which a scheduler looks for the best trial of a task.
#pragma once

#include "options.hpp"

#include <cardan/tuning.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cardan {
class Session;
}

namespace adapt {

/// What is to be run, the same on all ranks.
struct Plan {
  std::string task;
  std::string method;
  /// The run file of this method, and where the session leaves its record.
  std::string run_file;
  std::string folder;
  std::int64_t seed = 0;
  bool without_ml = false;
};

/// What the best trial's surrogate says of the steepening, beside what is exact, at the published
/// viscosity.
struct ShockCheck {
  /// The lowest slope at x = 0 over times, and when it is there.
  double slope = 0;
  double pi_time = 0;
  /// Over a grid of times and positions, evenly in x and evenly in the spread coordinate.
  double rms = 0;
  double rms_spread = 0;
  std::vector<double> times;
  std::vector<double> slopes;
  std::vector<double> exact_slopes;
  /// u(x) at some times, one after another.
  std::vector<double> x;
  std::vector<double> profile_times;
  std::vector<double> profiles;
  std::vector<double> exact_profiles;
};

/// What one run left, on the first simulation rank.
struct Episode {
  Plan plan;
  cardan::TuningReport report;
  std::vector<std::string> names;
  /// Words of choices among them, empty for numbers; one list for each name.
  std::vector<std::vector<std::string>> words;
  /// Of a function: its value for each trial, whatever noise the losses have.
  std::vector<double> truths;
  std::optional<ShockCheck> shock;
  /// Runs of the solver, and seconds of each (mean).
  std::int64_t solver_runs = 0;
  double solver_seconds = 0;
  int simulation_ranks = 0;
  int ml_ranks = 0;
  std::string ml_library;
};

/// Opens a session over MPI_COMM_WORLD and runs it. Collective. The episode on the first simulation
/// rank, empty on others.
std::optional<Episode> run_episode(const Settings& settings, const Plan& plan);

/// What the handle has after its run.
void describe(const cardan::Tuning& tuning, Episode& episode);

/// Its parts for one kind of task; simulation ranks.
Episode tune_burgers(cardan::Session& session, const Settings& settings, const Plan& plan);
Episode tune_function(cardan::Session& session, const Settings& settings, const Plan& plan);

}  // namespace adapt
