/// A Fourier neural operator on a grid.
#pragma once

#include <cardan/torch.hpp>

#include <memory>

namespace cardan::families {

/// Images (n, in, size...) to images (n, out, size...), in one or two dimensions and of any size,
/// whatever the size that it was trained on. `model = { kind = "fno", width = 32, depth = 4, modes
/// = 16, activation = "gelu", coordinates = true }`: `depth` layers that multiply the lowest
/// `modes` Fourier coefficients (one number, or one for each dimension; the constant counts as one)
/// by matrices over the channels, and add a linear map at each point (Li et al., "Fourier Neural
/// Operator for Parametric Partial Differential Equations", 2021). Throws where `modes` is more
/// than an extent / 2 + 1. A coarser grid than the declared one uses the coefficients that it has.
std::shared_ptr<Network> make_fno(const Config& model, const NetworkShape& shape);

}  // namespace cardan::families
