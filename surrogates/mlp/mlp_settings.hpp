/// What a run file says of a multilayer perceptron.
#pragma once

#include <cardan/config.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace cardan::mlp {

enum class Activation { tanh, silu, gelu, relu };

/// What the network's outputs mean: the answer itself, what is added to the input, or an addition
/// whose components sum to zero, so that the answer keeps the input's sum.
enum class Head { plain, increment, conserving };

/// `model = { kind = "mlp", hidden = [64, 64], members = 4, activation = "tanh", head = "plain" }`
struct Settings {
  std::vector<std::int64_t> hidden;
  std::int64_t members;
  Activation activation;
  Head head;
};
Settings read_settings(const Config& model);

/// How the last layer that is published comes about: by the optimiser like all others, or solved at
/// each publication.
enum class LastLayer { least_squares, gradient };

/// `loss = "mse"`, `optimizer = { kind = "adam", rate = 1e-3, average = 0.99 }`, `last_layer =
/// "least_squares"`
struct OptimizerSettings {
  double rate;
  /// Decay of the moving average of the weights that is published; 0 publishes the weights
  /// themselves.
  double average;
  LastLayer last_layer;
};
OptimizerSettings read_optimizer(const Config& training);

}  // namespace cardan::mlp
