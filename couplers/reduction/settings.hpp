/// What a run file says of a reduction: `[reduction.NAME]`.
#pragma once

#include "couplers/reduction/codec.hpp"

#include <cardan/config.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace cardan::reduction {

enum class Encoder { none, svd, linear, conv };
const char* to_string(Encoder encoder) noexcept;

/// `[reduction.NAME.train]`: of encoders that ML ranks learn.
struct TrainSettings {
  /// Blocks that came since the last training, and optimiser steps of one; blocks of a step.
  std::int64_t every = 512;
  std::int64_t warmup = 512;
  std::int64_t steps = 200;
  std::int64_t first = 1000;
  std::int64_t batch = 64;
  /// Optimiser steps between two looks for what has come.
  std::int64_t slice = 4;
};

struct Settings {
  std::string name;
  std::vector<std::int64_t> block{8};
  /// By field, or one for all.
  std::vector<double> eps{1e-3};
  /// Of the range of a rank's field in the put at hand.
  bool relative = true;
  Encoder encoder = Encoder::none;
  std::int64_t latent = 8;
  /// Of `conv`.
  std::int64_t channels = 16;
  CodecSettings codec;
  std::int64_t stride = 1;
  bool automatic_stride = false;
  double still = 0;
  bool automatic_still = false;
  bool wait_when_full = true;
  int depth = 4;
  /// 0: all ML ranks.
  int receivers = 0;
  /// Of the registered receiver; empty: none.
  std::string receiver;
  /// Empty: none.
  std::string quantity;
  double quantity_error = 1e-3;
  double eps_least = 1e-3;
  double cost = 0.05;
  /// Blocks that each ML rank keeps, and that it takes of a put.
  std::int64_t reservoir = 4096;
  std::int64_t samples = 64;
  TrainSettings train;
  bool verify = true;

  /// Whether ML ranks train it.
  [[nodiscard]] bool learned() const
  {
    return encoder == Encoder::linear || encoder == Encoder::conv;
  }
  [[nodiscard]] double eps_of(std::size_t field) const { return eps[eps.size() == 1 ? 0 : field]; }
};

/// The names of all that the run file has.
std::vector<std::string> names(const Config& run_file);
/// Throws with file and line.
Settings read_settings(const Config& run_file, const std::string& name);
/// Declares known what only ML ranks can check.
void leave_to_others(const Config& run_file, const std::string& name);

}  // namespace cardan::reduction
