/// The model of a pipeline: learns what a stage will give, and says it of new candidates.
#pragma once

#include "couplers/closure/samples.hpp"
#include "couplers/pipeline/settings.hpp"
#include "couplers/pipeline/wire.hpp"

#include <cardan/config.hpp>
#include <cardan/model.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <random>
#include <span>
#include <vector>

namespace cardan::pipeline {

class Guess {
 public:
  /// Loads the module of the model. Throws, with the line, where it cannot learn that.
  Guess(const Config& run_file, const Settings& settings, const Features& features, int threads);

  /// Takes a label in; `features` as a Layout has them.
  void teach(std::span<const std::byte> features, double label);
  /// Labels have drifted: it is trained as if it were new, from the newest `labels` on.
  void renew(std::int64_t labels);
  /// Whether there is something to learn, or to publish.
  [[nodiscard]] bool due() const;
  /// Takes a slice of steps, or does a piece of what makes a new version of them; says whether
  /// there is one now.
  bool learn();
  /// Scores of so many candidates; there must be a version.
  void predict(std::span<const std::span<const std::byte>> candidates, double* scores);

  /// From 1; 0: there is none yet.
  [[nodiscard]] std::uint32_t version() const { return version_; }
  [[nodiscard]] std::int64_t labels() const { return taught_; }
  /// It diverged, and will learn nothing more.
  [[nodiscard]] bool stopped() const { return stopped_; }
  /// Mean over the steps of the last training, in normalised units.
  [[nodiscard]] double loss() const { return loss_; }

 private:
  void begin();
  void step();
  bool publish();
  void put(closure::Columns& columns, std::span<const std::byte> features, std::int64_t row) const;
  [[nodiscard]] std::int64_t oldest() const;

  std::string name_;
  TrainSettings settings_;
  Features features_;
  Layout layout_;
  std::unique_ptr<Learner> learner_;
  /// The window, a ring; and what a step draws from it, or is asked.
  closure::Columns inputs_;
  closure::Columns targets_;
  closure::Columns some_inputs_;
  closure::Columns some_targets_;
  std::mt19937_64 random_;
  std::uint32_t version_ = 0;
  std::int64_t taught_ = 0;
  std::int64_t trained_at_ = 0;
  /// Labels before this one are of before a drift.
  std::int64_t since_ = 0;
  bool anew_ = true;
  bool training_ = false;
  std::int64_t left_ = 0;
  std::int64_t settled_ = 0;
  std::vector<double> joined_;
  double loss_ = std::numeric_limits<double>::quiet_NaN();
  double loss_sum_ = 0;
  std::int64_t loss_count_ = 0;
  int roll_backs_ = 0;
  bool stopped_ = false;
};

}  // namespace cardan::pipeline
