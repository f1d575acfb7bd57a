/// What a run file says of a twin: `[twin.NAME]`.
#pragma once

#include "couplers/steering/ends.hpp"

#include <cardan/config.hpp>
#include <cardan/model.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cardan::twin {

/// What an asset does without an answer by the deadline.
enum class Miss { last, fallback, wait, stop };

/// Who trains the twin's model: the first twin rank while it has nothing else to do, or the last ML
/// rank, which does nothing else.
enum class TrainerPlace { idle, own };

struct FaultSettings {
  /// Seconds at most.
  double jitter = 0;
  /// Shares of the observations.
  double dropout = 0;
  double late = 0;
  std::int64_t late_cycles = 1;
  /// The run's, unless it has one of its own.
  std::optional<std::int64_t> seed;
};

struct TrainSettings {
  std::int64_t every = 64;
  std::int64_t warmup = 64;
  std::int64_t steps = 50;
  std::int64_t first = 500;
  std::int64_t batch = 32;
  std::int64_t window = 4096;
  std::int64_t slice = 5;
  double validation = 0.1;
};

struct GateSettings {
  std::int64_t window = 50;
  double margin = 0;
};

struct Settings {
  std::string name;
  std::string kind;
  /// Seconds.
  double period = 1;
  bool realtime = false;
  /// Seconds after a cycle's begin in real time, else after its publication; infinite where nothing
  /// is to be met but the run's deadline.
  double deadline = 0;
  Miss miss = Miss::last;
  bool finite = true;
  int depth = 16;
  /// Share of a period.
  double patience = 0.5;
  /// Twin ranks; 0: all ML ranks (but a trainer of its own).
  int ranks = 0;
  TrainerPlace trainer = TrainerPlace::idle;
  /// Seconds.
  double guard = 1e-3;
  FaultSettings faults;
  bool has_model = false;
  TrainSettings train;
  GateSettings gate;
};

/// The names of all that the run file has.
std::vector<std::string> names(const Config& run_file);
/// Throws with file and line. `default`, `options` and `model` are left.
Settings read_settings(const Config& run_file, const std::string& name);
/// For each field of an answer its default, dense; empty where misses leave fields as they are.
/// Throws, with the line, unless each has one of its shape and dtype, and nothing else has.
std::vector<std::vector<std::byte>> read_defaults(const Config& run_file, const Settings& settings,
                                                  const Features& answer);
/// Declares known what only ML ranks can check.
void leave_to_others(const Config& run_file, const std::string& name);

/// What both sides open: reports are observations, decisions answers. On ML ranks without fields.
steering::Declaration declaration_of(const Settings& settings, const Features& observation = {},
                                     const Features& answer = {});

}  // namespace cardan::twin
