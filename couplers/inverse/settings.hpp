/// What a run file says of an inverse problem: `[inverse.NAME]`.
#pragma once

#include <cardan/config.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cardan::inverse {

enum class Mode { posterior, design };
enum class Walk { random_walk, pcn, preconditioned, langevin };

struct ProposalSettings {
  Walk kind = Walk::random_walk;
  /// 0: found in the warm-up.
  double step = 0;
};

enum class ErrorModel { none, diagonal, full };

/// The surrogate that chains ask before they ask for a solve.
struct FirstStage {
  /// Whether there is a model that learns; the name of a coarse model that it corrects, or empty.
  bool learns = false;
  std::string coarse;
  /// Steps that chains make by the coarse model before their first solve.
  std::int64_t ahead = 0;
  std::int64_t subchain = 1;
  ProposalSettings proposal{Walk::preconditioned, 0};
  ErrorModel error_model = ErrorModel::full;
  /// A fault: predictions are off by this share.
  double wrong = 0;
  /// Steps of a chain, out of all, that go without it.
  double plain = 0;
  std::int64_t first = 2000;
  std::int64_t steps = 1000;
  std::int64_t batch = 64;
  std::int64_t window = 20000;
  std::int64_t slice = 8;
};

struct DesignSettings {
  std::int64_t iterations = 50;
  double prior = 1;
  double tolerance = 1e-4;
  std::int64_t solves = 0;
};

struct Settings {
  std::string name;
  Mode mode = Mode::posterior;
  int chains = 8;
  std::int64_t steps = 1000;
  std::int64_t warmup = 1000;
  std::int64_t stages = 4;
  std::int64_t thin = 1;
  /// Deviations of the prior that starts are apart.
  double scatter = 0.1;
  ProposalSettings proposal;
  std::optional<FirstStage> first_stage;
  DesignSettings design;
  std::int64_t seed = 0;
  /// Orders that a simulation rank has at most.
  int depth = 2;
};

/// The names of all that the run file has.
std::vector<std::string> names(const Config& run_file);
/// Throws with file and line.
Settings read_settings(const Config& run_file, const std::string& name);
/// Declares known what only ML ranks can check.
void leave_to_others(const Config& run_file, const std::string& name);

}  // namespace cardan::inverse
