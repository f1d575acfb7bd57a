/// A deep ensemble of multilayer perceptrons: all members in one flat parameter vector, evaluated
/// at once.
#pragma once

#include "mlp/mlp_settings.hpp"
#include "mlp/normalisation.hpp"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <cstdint>
#include <vector>

namespace cardan::mlp {

/// Where a layer's numbers lie in the flat vector: weights (members, in, out), then biases
/// (members, 1, out).
struct Layer {
  std::int64_t in;
  std::int64_t out;
  std::int64_t weights;
  std::int64_t biases;
};

/// The shape of an ensemble, without its numbers.
class Network {
 public:
  Network(const Settings& settings, Signature signature);
  [[nodiscard]] std::int64_t parameters() const { return parameters_; }
  /// Random initial numbers: weights normal with variance 1 / in, hidden biases normal with
  /// variance 1 / 4 (so that the units of a narrow layer bend in different places), the last
  /// layer's zero.
  [[nodiscard]] at::Tensor initial(std::uint64_t seed) const;
  /// Normalised inputs (n, in) to the last hidden layer's values (members, n, width).
  [[nodiscard]] at::Tensor features(const at::Tensor& flat, const at::Tensor& inputs) const;
  /// Normalised inputs (n, in) to normalised outputs (members, n, out), before the head.
  [[nodiscard]] at::Tensor forward(const at::Tensor& flat, const at::Tensor& inputs) const;
  [[nodiscard]] at::Tensor weights(const at::Tensor& flat, const Layer& layer) const;
  [[nodiscard]] at::Tensor biases(const at::Tensor& flat, const Layer& layer) const;
  [[nodiscard]] const std::vector<Layer>& layers() const { return layers_; }
  [[nodiscard]] const Settings& settings() const { return settings_; }
  [[nodiscard]] Signature signature() const { return signature_; }

 private:
  Settings settings_;
  Signature signature_;
  std::vector<Layer> layers_;
  std::int64_t parameters_ = 0;
};

/// The ensemble's answer with everything that is published: numbers and normalisation.
class Mlp : public Model {
 public:
  Mlp(const Settings& settings, Signature signature);
  void predict(Rows inputs, const Answers& answers) override;
  [[nodiscard]] bool has_spread() const override { return network.settings().members > 1; }
  [[nodiscard]] std::size_t state_bytes() const override;
  void read(const std::byte* state) override;
  void write(std::byte* state) const;

  Network network;
  at::Tensor flat;
  Normalisation normalisation;
};

/// Rows of numbers as a normalised float tensor.
at::Tensor normalised(Rows rows, const Scale& scale);
/// The network's raw outputs with the conserving head's projection where `head` asks for it:
/// increments n in units of their deviations s, shifted along s so that sum(mean + s n) = 0.
at::Tensor project(const at::Tensor& raw, const Scale& output, Head head);

}  // namespace cardan::mlp
