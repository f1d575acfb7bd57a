/// Layers of neurons that all see each other, and what families read of a run file alike.
#pragma once

#include <cardan/config.hpp>
#include <cardan/torch.hpp>

#include <torch/nn/modules/linear.h>

#include <cstdint>
#include <string>
#include <vector>

namespace cardan::families {

enum class Activation { tanh, silu, gelu, relu };

/// The key `activation`.
Activation read_activation(const Config& model, const std::string& fallback);
at::Tensor activate(const at::Tensor& x, Activation activation);
/// The same of `x` as TorchScript: `torch.gelu(x)`.
std::string activated(const std::string& x, Activation activation);
/// What a torch::nn::Linear that is registered as `layer` makes of `x`, as TorchScript.
std::string linear(const std::string& layer, const std::string& x);
/// A whole number of at least `least`.
std::int64_t read_count(const Config& model, const std::string& key, std::int64_t fallback,
                        std::int64_t least = 1);
/// At least one number, each positive: the widths of layers.
std::vector<std::int64_t> read_widths(const Config& model, const std::string& key,
                                      const std::vector<std::int64_t>& fallback);
/// An error about a key that may be missing, with the line of the model's `kind` in that case.
Error wrong(const Config& model, const std::string& key, const std::string& reason,
            const std::string& remedy = {});

/// A multilayer perceptron: (..., in) to (..., out). Kaiming-uniform weights, as torch::nn::Linear
/// has them.
class Dense : public Network {
 public:
  Dense(std::int64_t in, const std::vector<std::int64_t>& hidden, std::int64_t out,
        Activation activation);
  at::Tensor forward(const at::Tensor& samples) override;
  [[nodiscard]] std::string script() const override;

 private:
  std::vector<torch::nn::Linear> layers_;
  Activation activation_;
};

}  // namespace cardan::families
