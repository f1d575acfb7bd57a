/// What a run file says of any model of this module, and of its training.
#pragma once

#include <cardan/config.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace cardan::torch_module {

/// What the outputs mean: the answer itself, what is added to the input, an addition whose
/// components sum to zero, so that the answer keeps the input's sum, or mean and variance of a
/// normal distribution.
enum class Head { plain, increment, conserving, gaussian };

/// `model = { members = 4, head = "plain", normalise = true, device = "cpu" }`
struct ModelSettings {
  std::int64_t members;
  Head head;
  bool normalise;
  /// "cpu", "cuda" or "auto".
  std::string device;
};
struct ModelDefaults {
  std::int64_t members = 1;
  bool normalise = true;
};
ModelSettings read_model(const Config& model, const ModelDefaults& defaults);

/// How the last layer that is published comes about: by the optimiser like all others, or solved at
/// each publication.
enum class LastLayer { least_squares, gradient };

/// `schedule = { kind = "cosine", steps = 10000, floor = 0, warmup = 500 }`: a factor of the rate.
struct ScheduleSettings {
  enum class Kind { constant, step, cosine };
  Kind kind = Kind::constant;
  /// Optimiser steps: of the whole cosine, or between two steps down.
  std::int64_t steps = 0;
  /// What each step down multiplies by, or where the cosine ends.
  double factor = 0;
  /// Optimiser steps over which the rate grows linearly from zero.
  std::int64_t warmup = 0;

  /// The factor at an optimiser step, counted from 0.
  [[nodiscard]] double at(std::int64_t step) const;
};

/// `optimizer = { kind = "adam", rate = 1e-3, average = 0.99, ... }`
struct OptimizerSettings {
  enum class Kind { adam, adamw, sgd, lbfgs };
  Kind kind = Kind::adam;
  double rate = 1e-3;
  std::vector<double> betas = {0.9, 0.99};
  double weight_decay = 0;
  double momentum = 0;
  /// L-BFGS: pairs remembered, and iterations a step.
  std::int64_t history = 10;
  std::int64_t iterations = 20;
  /// The largest norm of a gradient; 0: any.
  double clip = 0;
  /// Decay of the moving average of the weights that is published; 0 publishes the weights
  /// themselves.
  double average = 0.99;
  ScheduleSettings schedule;
};

/// `[training.NAME]`, as far as the model's module reads it.
struct TrainingSettings {
  /// "mse", "mae", "huber", "gaussian", "relative_l2", "masked_logistic", a TorchScript file
  /// (`*.pt`), or a registered loss.
  std::string loss;
  /// Where Huber's loss turns from a square into a line, in normalised units.
  double huber_delta = 1;
  OptimizerSettings optimizer;
  LastLayer last_layer = LastLayer::least_squares;
};
struct TrainingDefaults {
  double average = 0.99;
  LastLayer last_layer = LastLayer::gradient;
  Head head = Head::plain;
  bool normalised = true;
};
TrainingSettings read_training(const Config& training, const TrainingDefaults& defaults);

}  // namespace cardan::torch_module
