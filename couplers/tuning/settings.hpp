/// What a run file says of a tuning: `[tuning.NAME]`.
#pragma once

#include "couplers/tuning/space.hpp"

#include <cardan/config.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace cardan::tuning {

struct SchedulerSettings {
  enum class Kind { asha, halving, random, population };
  Kind kind = Kind::asha;
  /// Of a rung the best 1 / eta go on.
  std::int64_t eta = 3;
  /// Epochs of the first rung, or of a generation; and of a trial that goes on to the end.
  std::int64_t least = 1;
  std::int64_t most = 27;
  /// Of a population: the share that is replaced, and that it is replaced by.
  double truncate = 0.2;
  double factor = 1.2;
  double resample = 0.25;

  /// Epochs that a trial has been trained for after each of its pieces.
  [[nodiscard]] std::vector<std::int64_t> rungs() const;
};

/// `move = {...}`: when ranks go from training to simulating and back.
struct MoveSettings {
  bool on = true;
  /// Ranks that simulate at first.
  int begin = 0;
  /// Samples that are there before the first trial begins; samples after which none are made.
  std::int64_t first = 1;
  std::int64_t until = 0;
  /// Times that a new sample is trained on before another rank simulates.
  double reuse = 100;
  /// Pieces of work between two moves; 0: twice as many as there are ranks.
  std::int64_t every = 0;
  double gain = 0;
};

struct Settings {
  std::string name;
  SchedulerSettings scheduler;
  std::int64_t trials = 32;
  /// Epochs of all trials; 0: any.
  std::int64_t budget = 0;
  double target = -std::numeric_limits<double>::infinity();
  bool stop_at_target = false;
  Space space;
  /// By rung; the last one for those above.
  std::vector<int> ranks_per_trial{1};
  /// Trials in a rank's memory; 0: as many as it needs.
  int slots = 0;
  std::int64_t seed = 0;
  /// Room for samples in each rank's memory.
  std::int64_t samples = 4096;
  MoveSettings move;

  [[nodiscard]] int ranks_of(int rung) const;
  /// With `ranks` simulation ranks.
  [[nodiscard]] int slots_of(int ranks) const;
};

/// The names of all that the run file has.
std::vector<std::string> names(const Config& run_file);
/// Throws with file and line.
Settings read_settings(const Config& run_file, const std::string& name);
/// Declares known what only ranks that train can check: `model` and `[training.NAME]`.
void leave_to_others(const Config& run_file, const std::string& name);

}  // namespace cardan::tuning
