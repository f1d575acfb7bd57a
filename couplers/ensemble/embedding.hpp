/// The model of an ensemble: learns from the window's frames, and says where frames lie.
#pragma once

#include "couplers/ensemble/settings.hpp"
#include "couplers/ensemble/window.hpp"
#include "support/splitmix.hpp"

#include <cardan/config.hpp>
#include <cardan/model.hpp>

#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <vector>

namespace cardan::ensemble {

class Embedding {
 public:
  /// Loads the module of the model. Throws, with the line, where it cannot do what the settings
  /// want of it.
  Embedding(const Config& run_file, const EnsembleSettings& settings, std::int64_t dimension,
            std::uint64_t seed, int threads);

  /// Numbers of a frame's embedding; 0: none.
  [[nodiscard]] std::size_t numbers() const { return numbers_; }
  /// Grows by one with each retraining; 0: it has not learned anything yet.
  [[nodiscard]] std::uint32_t version() const { return version_; }
  /// Of the last optimiser step, in normalised units.
  [[nodiscard]] double loss() const { return loss_; }
  [[nodiscard]] std::int64_t steps() const { return steps_; }
  /// Over the optimiser steps of the last retraining; not a number where it took none.
  [[nodiscard]] double mean_loss() const { return loss_sum_ / static_cast<double>(loss_count_); }

  /// A new frame of the window.
  void see(const Window& window, std::int64_t id);
  /// Whether there is something to learn.
  [[nodiscard]] bool due(const Window& window) const;
  /// Takes so many optimiser steps, at most those of this retraining; says whether that ended, and
  /// there is a new version.
  bool learn(const Window& window, std::int64_t steps);
  /// Of so many frames that are there, from one on: their embeddings (count x numbers), and their
  /// scores where the model gives these (zeros otherwise).
  void evaluate(const Window& window, std::int64_t first, std::size_t count, double* embedded,
                double* scores);
  /// Of descriptors, one after the other: count x numbers, whatever the settings want. The model
  /// must make embeddings.
  std::vector<double> embed(std::span<const double> descriptors);

 private:
  struct Pairs {
    std::vector<double> inputs;
    std::vector<double> targets;
    const std::byte* input = nullptr;
    const std::byte* target = nullptr;
    std::int64_t count = 0;
  };
  void clear(Pairs& pairs) const;
  bool add(const Window& window, std::int64_t id, Pairs& pairs) const;
  [[nodiscard]] Batch inputs(Pairs& pairs) const;
  [[nodiscard]] Batch targets(Pairs& pairs) const;
  bool step(const Window& window);
  void publish(const Window& window);
  void roll_back();

  EnsembleSettings settings_;
  std::size_t dimension_;
  Random random_;
  std::unique_ptr<Learner> learner_;
  std::size_t numbers_ = 0;
  std::uint32_t version_ = 0;
  double loss_ = std::numeric_limits<double>::quiet_NaN();
  std::int64_t steps_ = 0;
  /// Of this retraining.
  double loss_sum_ = 0;
  std::int64_t loss_count_ = 0;
  /// Frames so far when the last retraining began; steps that are left of one; how often it
  /// diverged, and whether it was given up.
  std::int64_t trained_at_ = 0;
  std::int64_t left_ = 0;
  int roll_backs_ = 0;
  bool stopped_ = false;
  Pairs one_;
  Pairs some_;
  std::vector<double> answers_;
  std::vector<double> spread_;
};

}  // namespace cardan::ensemble
