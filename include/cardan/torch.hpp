/// Networks of one's own in C++: registered by name, chosen in the run file as `model = { kind =
/// "mine" }`. C++17. The only header with Torch; link `cardan::torch`.
#pragma once

#include <cardan/model.hpp>

#include <ATen/ATen.h>
#include <torch/nn/module.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace cardan {

/// How samples reach a network, and what one sample has.
struct NetworkShape {
  /// `rows`: (n, in) to (n, out), the features' numbers side by side. `image`: (n, in, size...) to
  /// (n, out, size...), each feature one or more channels of a grid with one or two dimensions.
  enum class Layout { rows, image };
  Layout layout = Layout::rows;
  /// Numbers (rows) or channels (image) of a sample.
  std::int64_t in = 0;
  std::int64_t out = 0;
  /// Extents of the grid; empty for rows.
  std::vector<std::int64_t> size;
  /// How many of `in` each input feature has, in order.
  std::vector<std::int64_t> parts;
};

/// A network: normalised samples in, normalised answers out, float32. Parameters and buffers are
/// registered as in any torch::nn::Module.
class Network : public torch::nn::Module {
 public:
  virtual at::Tensor forward(const at::Tensor& samples) = 0;
  /// What the last `forward` adds to the loss (a Kullback-Leibler divergence, say); undefined where
  /// nothing.
  virtual at::Tensor penalty() { return {}; }
  /// The few numbers that a network like an autoencoder makes of rows on the way, (n, in) to (n,
  /// few); undefined: there are none.
  virtual at::Tensor encode(const at::Tensor& samples)
  {
    static_cast<void>(samples);
    return {};
  }
  /// What `forward` does in evaluation mode, as TorchScript: the text of its `def`, with the
  /// arguments `self` and `x`, and of further methods. Parameters, buffers and submodules have the
  /// names that they are registered under, functions of ATen are those of the module torch, and
  /// submodules that are Networks have their own `forward`. Empty: the network cannot be saved for
  /// PyTorch.
  [[nodiscard]] virtual std::string script() const { return {}; }
};

/// Makes a network; reads its own keys of the `model` table, and throws (`model.error(...)`) where
/// they are wrong. `torch::manual_seed` was called before.
using NetworkMaker =
    std::function<std::shared_ptr<Network>(const Config& model, const NetworkShape& shape)>;
/// Registers a network under a kind's name, before the session opens. Throws where the name is
/// taken.
void register_network(const std::string& kind, NetworkShape::Layout layout, NetworkMaker make);

/// The mean loss over a batch, a differentiable scalar; both in normalised units, of equal shapes.
using Loss = std::function<at::Tensor(const at::Tensor& answers, const at::Tensor& targets)>;
/// Registers a loss by name: `loss = "mine"` in `[training.NAME]`.
void register_loss(const std::string& name, Loss loss);

}  // namespace cardan
