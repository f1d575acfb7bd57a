/// What a run file says of a multilayer perceptron.
#pragma once

#include <cardan/config.hpp>

#include <cstdint>
#include <vector>

namespace cardan::torch_module {

enum class Activation { tanh, silu, gelu, relu };

/// `model = { kind = "mlp", hidden = [64, 64], activation = "tanh" }`
struct MlpSettings {
  std::vector<std::int64_t> hidden;
  Activation activation = Activation::tanh;
};
MlpSettings read_mlp(const Config& model);

}  // namespace cardan::torch_module
