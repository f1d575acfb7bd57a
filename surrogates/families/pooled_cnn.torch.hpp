/// A convolutional network from a grid to a few numbers.
#pragma once

#include <cardan/torch.hpp>

#include <memory>

namespace cardan::families {

/// Rows (n, in) that are read as a grid, channels first, to rows (n, out). `model = { kind =
/// "pooled_cnn", grid = [64, 64], patch = 4, channels = [32, 32], hidden = [32], kernel = 3,
/// activation = "gelu", padding = "zeros" }`: a convolution of `patch` points by `patch`, moved by
/// as many, to the first of `channels`; to each further one a convolution, before which the grid is
/// halved by means where its extents are even and above `kernel`; means over all points; layers of
/// `hidden` neurons. With circular padding the answer to a periodic field that is shifted by
/// patches times powers of two is the same. Throws where the grid does not fit the inputs.
std::shared_ptr<Network> make_pooled_cnn(const Config& model, const NetworkShape& shape);

}  // namespace cardan::families
