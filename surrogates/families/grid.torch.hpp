/// What networks on grids share: convolutions in one and two dimensions that keep the grid's size.
#pragma once

#include "families/dense.torch.hpp"

#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/normalization.h>

#include <cstdint>

namespace cardan::families {

/// What lies beyond the ends of a grid: zeros, the other end (periodic fields), or the mirror image
/// about the last point.
enum class Padding { zeros, circular, reflect };

/// The key `padding`.
Padding read_padding(const Config& model);
/// The key `kernel`: odd, so that a convolution keeps the grid's size.
std::int64_t read_kernel(const Config& model, std::int64_t fallback);
/// Whether the points' places are channels too.
bool read_coordinates(const Config& model, bool fallback);
/// How many dimensions the grid has; throws unless 1 or 2.
std::int64_t dimensions_of(const Config& model, const NetworkShape& shape);
/// Throws where `padding` would reach further than a grid of these extents allows.
void check_padding(const Config& model, const std::vector<std::int64_t>& size, std::int64_t kernel,
                   Padding padding);
/// The samples (n, c, size...) with one channel more for each dimension: the place i / extent of a
/// point in [0, 1), whatever the resolution.
at::Tensor with_coordinates(const at::Tensor& samples);
/// The same as TorchScript: lines that give `x` these channels.
std::string with_coordinates(std::int64_t dimensions);

/// A convolution (n, in, size...) to (n, out, size...) on a grid of one or two dimensions.
class Convolution : public Network {
 public:
  Convolution(std::int64_t dimensions, std::int64_t in, std::int64_t out, std::int64_t kernel,
              Padding padding);
  at::Tensor forward(const at::Tensor& x) override;
  [[nodiscard]] std::string script() const override;

 private:
  torch::nn::Conv1d line_{nullptr};
  torch::nn::Conv2d plane_{nullptr};
  std::int64_t reach_;
  Padding padding_;
};

/// A group normalisation: of groups as many as divide the channels, at most 8. Not over the batch:
/// its statistics would differ between ranks.
torch::nn::GroupNorm group_norm(std::int64_t channels);
/// What a group normalisation that is registered as `layer` makes of `x`, as TorchScript.
std::string group_norm(const std::string& layer, const torch::nn::GroupNorm& norm,
                       const std::string& x);

}  // namespace cardan::families
