/// What a run file says of a federation: `[federation.NAME]`.
#pragma once

#include <cardan/config.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace cardan::federation {

enum class Mode { sync, async };
/// Of silos in an average.
enum class Weights { samples, equal };
/// What counts as one change of a silo's data: its update against none at all, or against any other
/// (see privacy.hpp).
enum class Unit { zero_out, replace };

/// `local = { steps = 10, batch = 32, optimiser = "restart" }`
struct LocalSettings {
  /// Optimiser steps of a round; 0: by epochs.
  std::int64_t steps = 0;
  std::int64_t epochs = 1;
  /// Samples of a step over the whole silo; 0: all.
  std::int64_t batch = 0;
  /// What the optimiser remembers of past gradients ends with the round.
  bool restart = true;
};

/// `compress = { kind = "top_k", share = 0.1 }`
struct CompressSettings {
  enum class Kind { none, top_k, quantise };
  Kind kind = Kind::none;
  double share = 0.1;
  int bits = 8;
};

/// `staleness = { kind = "polynomial", alpha = 0.6, a = 0.5 }`: of FedAsync (Xie, Koyejo and Gupta
/// 2019).
struct StalenessSettings {
  enum class Kind { constant, polynomial, hinge };
  Kind kind = Kind::polynomial;
  double alpha = 0.6;
  double a = 0.5;
  double b = 4;

  /// What an update that is `behind` versions old counts.
  [[nodiscard]] double weight(std::int64_t behind) const;
};

struct Settings {
  std::string name;
  Mode mode = Mode::sync;
  std::int64_t rounds = 100;
  int ranks_per_silo = 1;
  Weights weights = Weights::samples;
  /// Of the proximal term; 0: none (FedAvg).
  double mu = 0;
  double participation = 1;
  /// Seconds.
  double deadline = 60;
  bool normalise = true;
  LocalSettings local;
  /// The largest norm of an update; 0: any. The noise's deviation in units of it.
  double clip = 0;
  double noise = 0;
  double delta = 1e-5;
  Unit unit = Unit::zero_out;
  CompressSettings compress;
  StalenessSettings staleness;
};

/// The names of all that the run file has.
std::vector<std::string> names(const Config& run_file);
/// Throws with file and line.
Settings read_settings(const Config& run_file, const std::string& name);
/// Declares known what only a silo can check, when it makes its learner: `model` and
/// `[training.NAME]`.
void leave_to_others(const Config& run_file, const std::string& name);

}  // namespace cardan::federation
