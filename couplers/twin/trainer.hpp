/// Trains a twin's model from the samples that the twin gives, a few steps at a time.
#pragma once

#include "couplers/closure/buffer.hpp"
#include "couplers/twin/settings.hpp"

#include <cardan/config.hpp>
#include <cardan/model.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

namespace cardan::twin {

/// What is known of a version besides its state.
struct Version {
  /// From 1; 0: there is none yet.
  std::uint32_t number = 0;
  /// Steps of the optimiser so far; the mean loss of held-out samples, in the learner's units.
  std::int64_t steps = 0;
  double loss = std::numeric_limits<double>::quiet_NaN();
};

class Trainer {
 public:
  /// Loads the module of the model. Throws, with the line, where it cannot learn that.
  Trainer(const Config& run_file, const Settings& settings, const Signature& signature,
          std::uint64_t seed, int threads);

  /// Takes samples in.
  void teach(const Batch& inputs, const Batch& targets);
  /// Whether there is something to learn, or to publish.
  [[nodiscard]] bool due() const;
  /// Whether the next thing to do is a piece of a new version's publication, instead of steps.
  [[nodiscard]] bool publishes() const { return training_ && left_ == 0; }
  /// Takes so many steps of the optimiser at most, or does a piece of what makes a new version of
  /// them; says whether there is one now.
  bool learn(std::int64_t steps);

  /// The newest, and its state; before the first one that of an untrained model.
  [[nodiscard]] const Version& version() const { return version_; }
  [[nodiscard]] std::int64_t steps() const { return steps_; }
  [[nodiscard]] const std::vector<std::byte>& state() const { return state_; }

 private:
  void begin();
  void step();
  void roll_back();
  bool publish();
  void warm_up();
  static Batch piece_of(const Features& features, const Batch& all, std::int64_t first,
                        std::vector<const std::byte*>& columns);

  std::string name_;
  TrainSettings settings_;
  Signature signature_;
  std::unique_ptr<Learner> learner_;
  std::unique_ptr<closure::Buffer> samples_;
  std::unique_ptr<closure::Buffer> held_out_;
  closure::Columns inputs_;
  closure::Columns targets_;
  std::vector<const std::byte*> x_;
  std::vector<const std::byte*> y_;
  Version version_;
  std::vector<std::byte> state_;
  std::int64_t steps_ = 0;
  /// Samples so far, and when the last training began; steps that are left of one.
  std::int64_t taught_ = 0;
  std::int64_t trained_at_ = 0;
  std::int64_t left_ = 0;
  bool training_ = false;
  /// On the way to a new version: samples that it was settled with, and judged with, and what came
  /// of them.
  std::int64_t settled_ = 0;
  std::int64_t judged_ = 0;
  std::vector<double> joined_;
  double loss_ = 0;
  int roll_backs_ = 0;
  bool stopped_ = false;
};

}  // namespace cardan::twin
