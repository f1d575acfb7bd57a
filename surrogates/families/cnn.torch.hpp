/// A convolutional network on a grid.
#pragma once

#include <cardan/torch.hpp>

#include <memory>

namespace cardan::families {

/// Images (n, in, size...) to images (n, out, size...) of any size, in one or two dimensions.
/// `model = { kind = "cnn", channels = [32, 32], kernel = 3, activation = "gelu", padding =
/// "zeros", coordinates = false }`: a convolution to each of `channels`, and one more to the answer
/// (LeCun et al., "Gradient-based learning applied to document recognition", 1998). A point sees
/// (layers) * (kernel / 2) points to each side. Throws where the kernel is even, or where circular
/// or reflect padding is wider than the grid.
std::shared_ptr<Network> make_cnn(const Config& model, const NetworkShape& shape);

}  // namespace cardan::families
