/// What a run file says of a pipeline: `[pipeline.NAME]`.
#pragma once

#include <cardan/config.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace cardan::pipeline {

/// `promote = { kind = "score", spread = 1.0 }`: how candidates leave a stage to the next.
struct PromoteSettings {
  /// Above mean plus k spreads of the recent scores; each with a chance; all; the best of all that
  /// came.
  enum class Kind { score, random, all, best };
  Kind kind = Kind::all;
  /// k where the next queue is half full, empty and full.
  double spread = 1;
  double least = 0;
  double most = 2;
  /// Scores that mean and spread are taken over.
  std::int64_t recent = 256;
  /// Of `random` and `best`.
  double share = 1;
};

struct StageSettings {
  std::string name;
  bool has_model = false;
  /// Candidates that wait in front at most.
  std::int64_t queue = 64;
  /// Candidates of an order at most.
  std::int64_t batch = 16;
  PromoteSettings promote;
  /// Ranks that it begins with; 0: as many as the others.
  int ranks = 0;
  /// Share of those held back that may go on at the end, where budget is left.
  double reconsider = 0;
};

/// When labels have drifted from what the model was trained with.
struct DriftSettings {
  /// In standard deviations of the residuals; 0: not looked at.
  double threshold = 20;
  double slack = 0.5;
  std::int64_t reference = 50;
};

struct TrainSettings {
  std::int64_t every = 256;
  std::int64_t warmup = 256;
  std::int64_t steps = 100;
  std::int64_t first = 1000;
  std::int64_t batch = 64;
  std::int64_t window = 4096;
  std::int64_t slice = 1;
};

struct Settings {
  std::string name;
  std::int64_t candidates = 0;
  /// Names, in order; what they are.
  std::vector<std::string> stages;
  std::vector<StageSettings> stage;
  bool shuffle = true;
  std::uint64_t seed = 0;
  /// Candidates through the last stage, and rank-seconds of work; 0: no end.
  std::int64_t budget = 0;
  double work = 0;
  /// The budget lasts until the library is used up.
  bool pace = true;
  /// Share of the budget that is kept for those held back.
  double reserve = 0.5;
  bool resplit = true;
  /// Seconds between two moves of ranks that have work, and by how much it has to be better.
  double settle = 0.05;
  double margin = 1;
  /// Orders that a rank has at most, the one that it works on among them.
  int depth = 2;
  /// The stage whose scores the model learns; -1: there is no model.
  int labels = -1;
  TrainSettings train;
  DriftSettings drift;

  [[nodiscard]] int last() const { return static_cast<int>(stage.size()) - 1; }
  [[nodiscard]] bool has_model() const { return stage.front().has_model; }
  [[nodiscard]] bool has_budget() const { return budget > 0 || work > 0; }
};

/// The names of all that the run file has.
std::vector<std::string> names(const Config& run_file);
/// Throws with file and line.
Settings read_settings(const Config& run_file, const std::string& name);
/// Declares known what only ML ranks can check.
void leave_to_others(const Config& run_file, const std::string& name);

}  // namespace cardan::pipeline
