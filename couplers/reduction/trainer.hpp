/// Learns encoders from blocks of a reservoir.
#pragma once

#include "couplers/reduction/encoders.hpp"
#include "couplers/reduction/settings.hpp"

#include <cardan/config.hpp>
#include <cardan/model.hpp>
#include <cardan/reduction.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace cardan::reduction {

class Trainer {
 public:
  /// A block of a field, at random; false: there was none this time.
  using Draw = std::function<bool(std::size_t field, double* numbers)>;

  /// Loads the module of the model. Throws, with the line, where it cannot be made.
  Trainer(const Config& run_file, const Settings& settings,
          const std::vector<ReductionField>& fields, std::uint64_t seed, int threads);

  /// Whether there is something to learn, where so many blocks of each field have come.
  [[nodiscard]] bool due(std::int64_t blocks) const;
  /// Takes a slice of optimiser steps where that is so; encoders, where it ends the training.
  std::optional<Encoders> work(std::int64_t blocks, const Draw& draw);
  [[nodiscard]] std::int64_t steps() const { return steps_; }
  /// Of the last step, the mean over the fields, in normalised units.
  [[nodiscard]] double loss() const { return loss_; }

 private:
  struct Pupil {
    std::unique_ptr<Learner> learner;
    std::int64_t numbers = 0;
    std::vector<double> blocks;
    const std::byte* column = nullptr;
  };
  Batch draw(std::size_t field, std::int64_t wanted, const Draw& draw);
  void begin(const Draw& draw);
  bool step(const Draw& draw);
  Encoders publish(const Draw& draw);

  Settings settings_;
  std::vector<Pupil> pupils_;
  std::int64_t steps_ = 0;
  double loss_ = 0;
  /// Blocks so far when the last training began; steps that are left of one.
  std::int64_t trained_at_ = 0;
  std::int64_t left_ = 0;
  bool trained_ = false;
  int roll_backs_ = 0;
  bool stopped_ = false;
};

}  // namespace cardan::reduction
