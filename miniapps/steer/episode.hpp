/// One run of an ensemble by one method with one seed: a session of its own.
#pragma once

#include "system.hpp"
#include "watch.hpp"

#include <cardan/cardan.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace steer {

/// What one run is to do.
struct Plan {
  /// Its name in tables, and the [ensemble.TABLE] that says how it decides.
  std::string method;
  std::string table;
  std::string run_file;
  /// Where its session leaves run.json and its decision log.
  std::string folder;
  std::int64_t seed = 0;
  bool without_ml = false;
  SystemSettings system;
  double segment = 2;
  /// Ends when all states are found (`to_coverage`), at the latest with the budget of simulated
  /// time, or after so many seconds (0: no such limit).
  bool to_coverage = true;
  double budget = 5e4;
  double seconds = 0;
  double pace = 0;
  double uneven = 1;
  /// More than 0: a segment is so many hops of basin hopping, which count as simulated time; the
  /// one state to find is an energy that is not above `goal`.
  std::int64_t hops = 0;
  double goal = 0;
  /// Keeps each frame's descriptor and each restart, for a map.
  bool keeps_frames = false;
};

/// A frame of a walker, and what it was restarted from.
struct FrameNote {
  std::int64_t member = 0;
  std::int64_t segment = 0;
  std::int64_t state = -1;
};
struct RestartNote {
  std::int64_t member = 0;
  std::int64_t segment = 0;
  std::int64_t from_member = -1;
  std::int64_t from_segment = -1;
  std::int64_t version = 0;
};

/// What came of it, on the first simulation rank.
struct Episode {
  Plan plan;
  std::vector<std::string> states;
  int members = 0;
  int simulation_ranks = 1;
  int ml_ranks = 0;
  bool barrier = false;
  Watch::Sums sums;
  /// Simulated time and seconds when the last state was found; none where it was not.
  std::optional<double> coverage_time;
  std::optional<double> coverage_seconds;
  std::vector<double> equilibrium;
  /// Of the isomers, where the states are labels of the ground state: shares of the time.
  std::vector<std::string> isomers;
  std::vector<double> isomer_populations;
  std::vector<double> isomer_equilibrium;
  /// In seconds, of all decisions that were followed, and their ages in segments.
  std::vector<double> latency;
  std::vector<double> work;
  std::vector<std::int64_t> ages;
  /// Sums over all ranks.
  cardan::EnsembleCounters counters;
  /// The lowest energy, of hopping walkers.
  double lowest = 0;
  std::vector<FrameNote> frames;
  std::vector<double> descriptors;
  std::int64_t descriptor_size = 0;
  std::vector<RestartNote> restarts;
  std::string ml_library;
};

/// What to tell while it runs: states found, simulated time; called on the first simulation rank.
using Told = std::function<void(int found, int states, double time)>;

/// Collective over MPI_COMM_WORLD and blocking; ML ranks serve. Empty but on the first simulation
/// rank. Throws where the session does; one rank's error is local to it.
std::optional<Episode> run_episode(const Plan& plan, const Told& told);

}  // namespace steer
