/// A small convolutional autoencoder, as it was trained.
#pragma once

#include "couplers/reduction/transform.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace cardan::reduction {

/// A block's numbers, normalised, in patches: each goes through the same layer to `features`
/// numbers and a leaky ReLU; all of them, and the block itself beside them, through one layer to
/// the latents. The decoder is its mirror image. (Convolutions whose kernel is their stride.)
/// Matrices are row-major, inputs x outputs.
struct ConvNetwork {
  /// Of numbers at the input and at the output: x = mean + deviation * normalised.
  std::vector<double> mean_in, deviation_in, mean_out, deviation_out;
  /// Which number of the block comes where in the patches, one patch behind the other.
  std::vector<std::int64_t> order;
  std::int64_t patch = 0;
  std::int64_t features = 0;
  std::int64_t latent = 0;
  /// patch x features, features; patches * features x latent, latent; numbers x latent.
  std::vector<double> patch_in, patch_in_bias, to_latent, to_latent_bias, bypass_in;
  /// latent x patches * features, patches * features; features x patch, patch; latent x numbers.
  std::vector<double> from_latent, from_latent_bias, patch_out, patch_out_bias, bypass_out;
};
/// Of the leaky ReLU below zero.
inline constexpr double conv_slope = 0.01;

/// Throws where sizes do not fit each other.
std::unique_ptr<Transform> conv_transform(ConvNetwork network);

}  // namespace cardan::reduction
