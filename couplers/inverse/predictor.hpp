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

/// A coarse model, a model that learns, or both: then the latter learns what the former leaves.
class Predictor {
 public:
  /// Loads the module of the model. Throws, with the line, where it cannot be.
  Predictor(const Config& run_file, const Settings& settings, const Measure& measure,
            std::uint64_t seed, int threads);

  /// Grows by one with each training; 0: it has learned nothing yet.
  [[nodiscard]] std::uint32_t version() const { return version_; }
  /// Whether it has answers: from the begin where there is a coarse model.
  [[nodiscard]] bool ready() const { return version_ > 0 || static_cast<bool>(coarse_); }
  /// A solve to learn from; every fifth is held out for the error model.
  void add(std::span<const double> theta, std::span<const double> predicted);
  [[nodiscard]] std::size_t samples() const { return training_.count() + held_.count(); }
  /// Takes so many optimiser steps; says whether the training is over, and there is a new version.
  bool learn(std::int64_t steps);
  /// Of `count` points their predicted data, bias and fault included, and their log-likelihoods by
  /// the error model; never infinite. Points that stand where they stood in the last call cost no
  /// coarse solve.
  void ask(std::span<const double> thetas, std::size_t count, std::span<double> predicted,
           std::span<double> log_likelihoods);
  /// The Cholesky factor of the covariance that it says proposals should have, from the points.
  std::vector<double> factor(std::span<const double> thetas, std::size_t count);
  /// Whether `gradient` answers.
  [[nodiscard]] bool has_gradient() const
  {
    return !coarse_ && learner_ && learner_->has_gradient();
  }
  /// Its log-likelihood at one point and the gradient of that, without error model.
  double gradient(std::span<const double> theta, std::span<double> gradient);
  [[nodiscard]] std::int64_t coarse_solves() const { return coarse_solves_; }

 private:
  /// Row by row: parameters, what the coarse model says, and what is left of the solve.
  struct Rows {
    std::size_t parameters = 0;
    std::vector<double> thetas;
    std::vector<double> coarse;
    std::vector<double> rests;

    [[nodiscard]] std::size_t count() const { return thetas.size() / parameters; }
    void keep_newest(std::size_t most);
  };
  void load(const Config& run_file, std::uint64_t seed, int threads);
  void begin();
  bool step();
  void publish();
  void solve_coarsely(std::span<const double> theta, double* predicted);
  /// The model's own answers: all, or the rest.
  void predict_rests(const double* thetas, const double* coarse, std::size_t count, double* rests);
  void predict(std::span<const double> thetas, std::size_t count, std::span<double> predicted);
  void find_errors();

  FirstStage settings_;
  std::string name_;
  const Measure& measure_;
  std::size_t parameters_;
  std::size_t data_;
  Random random_;
  CoarseModel coarse_;
  std::int64_t coarse_solves_ = 0;
  /// Null where the coarse model is all there is.
  std::unique_ptr<Learner> learner_;
  std::uint32_t version_ = 0;
  /// Samples to learn from, those held out, and those of one optimiser step.
  Rows training_;
  Rows held_;
  Rows some_;
  std::int64_t added_ = 0;
  std::int64_t left_ = 0;
  int roll_backs_ = 0;
  /// Of the error model: what is added to predictions, and the square root of the joint precision
  /// (data x data, lower triangle; or its diagonal).
  std::vector<double> bias_;
  std::vector<double> whitening_;
  /// The points of the last call of `ask`, and what the coarse model says there.
  std::vector<double> asked_;
  std::vector<double> asked_coarse_;
  std::vector<double> misfits_;
};

}  // namespace cardan::inverse
