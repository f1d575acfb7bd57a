/// A convolutional autoencoder of blocks of a grid.
#pragma once

#include "families/dense.torch.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace cardan::families {

struct ConvAutoencoderSettings {
  /// Extents of a block, and of the patches that it is made of.
  std::vector<std::int64_t> block;
  std::vector<std::int64_t> patch;
  std::int64_t channels;
  std::int64_t latent;
};
ConvAutoencoderSettings read_conv_autoencoder(const Config& model, const NetworkShape& shape);

class ConvAutoencoder : public Network {
 public:
  ConvAutoencoder(const NetworkShape& shape, const ConvAutoencoderSettings& settings);
  /// (n, in) to (n, latent).
  at::Tensor encode(const at::Tensor& samples) override;
  /// (n, latent) to (n, in).
  at::Tensor decode(const at::Tensor& latent);
  at::Tensor forward(const at::Tensor& samples) override;
  /// With `encode` and `decode`.
  [[nodiscard]] std::string script() const override;

 private:
  std::int64_t patches_;
  std::int64_t patch_;
  std::int64_t channels_;
  /// Buffers: which number of a block comes where in its patches, and back.
  at::Tensor order_;
  at::Tensor back_;
  torch::nn::Linear patch_in_{nullptr};
  torch::nn::Linear to_latent_{nullptr};
  torch::nn::Linear bypass_in_{nullptr};
  torch::nn::Linear from_latent_{nullptr};
  torch::nn::Linear patch_out_{nullptr};
  torch::nn::Linear bypass_out_{nullptr};
};

/// Rows (n, in) to rows (n, in), each row a block of these extents. `model = { kind =
/// "conv_autoencoder", block = [2, 8, 8], patch = [2, 4, 4], channels = 16, latent = 8 }`: a
/// convolution whose kernel and stride are `patch`, to `channels` numbers for each; a leaky ReLU
/// (slope 0.01); all of them to `latent` numbers; and the mirror image back. A linear encoder and
/// decoder lie beside it, so that it starts as a linear autoencoder (a residual network; He et al.,
/// 2016). Parameters and buffers have the names that couplers/reduction/learned.cpp reads.
std::shared_ptr<Network> make_conv_autoencoder(const Config& model, const NetworkShape& shape);

}  // namespace cardan::families
