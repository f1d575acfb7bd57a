/// When ranks go from training to simulating, and back.
#pragma once

#include "couplers/tuning/settings.hpp"

#include <cstdint>

namespace cardan::tuning {

/// Data are the bottleneck where each new sample has been trained on many times: what was presented
/// to trainings since the last move, over the samples that came since, is compared with `reuse`.
class Movement {
 public:
  Movement(const MoveSettings& settings, int ranks);

  /// A piece of training, and a piece of simulation after which there are so many samples.
  void trained(std::int64_t epochs, double best_loss);
  void simulated(std::int64_t samples);
  /// One more rank that simulates (1), one less (-1), or neither. `simulating`: those that do.
  [[nodiscard]] int wish(int simulating);
  /// Whether no more samples are to be made.
  [[nodiscard]] bool enough() const;

 private:
  MoveSettings settings_;
  int ranks_;
  std::int64_t every_;
  std::int64_t samples_ = 0;
  double best_;
  /// Since the last move.
  std::int64_t pieces_ = 0;
  double presented_ = 0;
  std::int64_t before_ = 0;
  /// What there was when the gain was measured last.
  std::int64_t marked_ = 0;
  double marked_best_;
  bool useless_ = false;
};

}  // namespace cardan::tuning
