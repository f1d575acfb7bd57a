/// A deep ensemble of multilayer perceptrons: all members side by side in each tensor, evaluated at
/// once.
#pragma once

#include "core/ensemble.torch.hpp"
#include "mlp/mlp_settings.hpp"

#include <cstdint>
#include <vector>

namespace cardan::torch_module {

/// Weights (members, in, out) and biases (members, 1, out) of a layer.
struct Layer {
  at::Tensor weights;
  at::Tensor biases;
};

class Mlp : public Ensemble {
 public:
  /// Random initial numbers: weights normal with variance 1 / in, hidden biases normal with
  /// variance 1 / 4 (so that the units of a narrow layer bend in different places), the last
  /// layer's zero.
  Mlp(const MlpSettings& settings, std::int64_t members, std::int64_t inputs, std::int64_t outputs,
      std::uint64_t seed);
  Tensors forward(const Tensors& samples) override;
  [[nodiscard]] std::int64_t members() const override { return members_; }
  [[nodiscard]] Tensors parameters() override;
  /// `layer0/weights`, `layer0/biases` and so on.
  [[nodiscard]] std::vector<std::string> parameter_names() override;
  [[nodiscard]] bool solvable() const override { return true; }
  at::Tensor features(const at::Tensor& samples) override;
  void set_last_layer(const at::Tensor& solved) override;
  /// van Hasselt et al. 2016, "Learning values across many orders of magnitude", there for the last
  /// layer; here for the first as well.
  bool rescale(const Normalisation& from, const Normalisation& to) override;
  void save(const std::string& path, const Plan& plan, const Normalisation& normalisation) override;

 private:
  /// What `forward` does, as TorchScript.
  [[nodiscard]] std::string script() const;

  MlpSettings settings_;
  std::int64_t members_;
  std::vector<Layer> layers_;
};

}  // namespace cardan::torch_module
