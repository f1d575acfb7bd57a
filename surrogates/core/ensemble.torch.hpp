/// What is trained and evaluated: one network, or several side by side.
#pragma once

#include "core/normalisation.hpp"

#include <ATen/ATen.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace cardan::torch_module {

using Tensors = std::vector<at::Tensor>;

struct Plan;

class Ensemble {
 public:
  virtual ~Ensemble() = default;
  /// For messages: "the model", with its file where it has one.
  [[nodiscard]] virtual std::string name() const { return "the model"; }
  /// Samples (n, ...) to answers (members, n, ...), tensor by tensor.
  virtual Tensors forward(const Tensors& samples) = 0;
  /// What the last `forward` adds to the loss; undefined where nothing.
  virtual at::Tensor penalty() { return {}; }
  [[nodiscard]] virtual std::int64_t members() const = 0;
  /// Leaves that are trained. Their memory may be replaced (`set_data`).
  [[nodiscard]] virtual Tensors parameters() = 0;
  /// What is not trained and yet belongs to the state (running means, say).
  [[nodiscard]] virtual Tensors buffers() { return {}; }
  /// What a state calls them, with groups; as many, in their order.
  [[nodiscard]] virtual std::vector<std::string> parameter_names();
  [[nodiscard]] virtual std::vector<std::string> buffer_names();
  virtual void set_training(bool) {}
  /// Writes a model of these networks as TorchScript: in evaluation mode, with its normalisation
  /// and head. Throws where a network cannot say what it computes, or nothing can be written.
  virtual void save(const std::string& path, const Plan& plan,
                    const Normalisation& normalisation) = 0;

  /// What the first network makes of samples on the way, (n, numbers); undefined where nothing.
  virtual at::Tensor encode(const at::Tensor&) { return {}; }
  /// Whether the last layer is linear and can be solved for.
  [[nodiscard]] virtual bool solvable() const { return false; }
  /// What goes into the last layer: (members, n, width).
  virtual at::Tensor features(const at::Tensor& samples);
  /// Sets the last layer: (members, width + 1, out), the biases in the last row.
  virtual void set_last_layer(const at::Tensor& solved);
  /// Changes the weights for another normalisation so that the function stays the same; false where
  /// that cannot be done.
  virtual bool rescale(const Normalisation& from, const Normalisation& to);
};

/// Makes the same ensemble each time it is called.
using EnsembleMaker = std::function<std::unique_ptr<Ensemble>()>;

}  // namespace cardan::torch_module
