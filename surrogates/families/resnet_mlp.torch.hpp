/// A multilayer perceptron with residual blocks.
#pragma once

#include <cardan/torch.hpp>

#include <memory>

namespace cardan::families {

/// Rows (n, in) to rows (n, out). `model = { kind = "resnet_mlp", width = 64, depth = 4, activation
/// = "gelu" }`: `depth` blocks x + W2 s(W1 x) of `width` neurons between two linear maps (He et
/// al., "Deep Residual Learning for Image Recognition", 2016, without convolutions and
/// normalisation).
std::shared_ptr<Network> make_resnet_mlp(const Config& model, const NetworkShape& shape);

}  // namespace cardan::families
