/// The surrogate of the first stage: predicts data, learns from solves, knows how wrong it is.
#pragma once

#include "couplers/inverse/measure.hpp"
#include "couplers/inverse/random.hpp"
#include "couplers/inverse/settings.hpp"

#include <cardan/config.hpp>
#include <cardan/model.hpp>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace cardan::inverse {

class Predictor {
 public:
  /// Loads the module of the model. Throws, with the line, where it cannot be.
  Predictor(const Config& run_file, const Settings& settings, const Measure& measure,
            std::uint64_t seed, int threads);

  /// Grows by one with each training; 0: it has learned nothing yet.
  [[nodiscard]] std::uint32_t version() const { return version_; }
  /// A solve to learn from; every fifth is held out for the error model.
  void add(std::span<const double> theta, std::span<const double> predicted);
  [[nodiscard]] std::size_t samples() const { return inputs_.size() / parameters_ + held_count(); }
  /// Takes so many optimiser steps; says whether the training is over, and there is a new version.
  bool learn(std::int64_t steps);
  /// Of `count` points their predicted data, bias and fault included, and their log-likelihoods by
  /// the error model; never infinite.
  void ask(std::span<const double> thetas, std::size_t count, std::span<double> predicted,
           std::span<double> log_likelihoods);
  /// The Cholesky factor of the covariance that it says proposals should have, from the points.
  std::vector<double> factor(std::span<const double> thetas, std::size_t count);
  /// Whether `pull_back` answers.
  [[nodiscard]] bool has_gradient() const { return learner_->has_gradient(); }
  /// Its log-likelihood at one point and the gradient of that, without error model.
  double gradient(std::span<const double> theta, std::span<double> gradient);

 private:
  [[nodiscard]] std::size_t held_count() const { return held_inputs_.size() / parameters_; }
  void begin();
  bool step();
  void publish();
  void predict(std::span<const double> thetas, std::size_t count, std::span<double> predicted);
  void find_errors();

  FirstStage settings_;
  std::string name_;
  const Measure& measure_;
  std::size_t parameters_;
  std::size_t data_;
  Random random_;
  std::unique_ptr<Learner> learner_;
  std::uint32_t version_ = 0;
  /// Row by row: samples to learn from, and those held out.
  std::vector<double> inputs_;
  std::vector<double> targets_;
  std::vector<double> held_inputs_;
  std::vector<double> held_targets_;
  std::int64_t added_ = 0;
  std::int64_t left_ = 0;
  int roll_backs_ = 0;
  /// Of the error model: what is added to predictions, and the square root of the joint precision
  /// (data x data, lower triangle; or its diagonal).
  std::vector<double> bias_;
  std::vector<double> whitening_;
  std::vector<double> some_inputs_;
  std::vector<double> some_targets_;
  std::vector<double> rows_;
};

}  // namespace cardan::inverse
