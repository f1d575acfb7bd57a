/// A U-net on a grid.
#pragma once

#include <cardan/torch.hpp>

#include <memory>

namespace cardan::families {

/// Images (n, in, size...) to images (n, out, size...), in one or two dimensions. `model = { kind =
/// "unet", width = 16, levels = 3, kernel = 3, activation = "gelu", norm = "none", padding =
/// "zeros", coordinates = false }`: `levels` times the grid is halved by means over two points
/// while the channels double from `width`, and back, each level beside what it was on the way down
/// (Ronneberger et al., "U-Net: Convolutional Networks for Biomedical Image Segmentation", 2015;
/// here with padding, so that the size stays). `norm = "group"` normalises after each convolution,
/// over groups of channels of one sample; it forgets a field's mean and amplitude. Throws where an
/// extent is no multiple of 2^levels; a periodic grid cannot be padded to one and stay periodic.
std::shared_ptr<Network> make_unet(const Config& model, const NetworkShape& shape);

}  // namespace cardan::families
