/// A model as inference ranks evaluate it: ensemble, normalisation, head.
#pragma once

#include "core/ensemble.torch.hpp"
#include "core/flat_parameters.torch.hpp"
#include "core/samples.torch.hpp"

#include <cardan/model.hpp>

#include <memory>

namespace cardan::torch_module {

/// Everything that decides what a model computes, but for its numbers.
struct Plan {
  Layout layout;
  ModelSettings settings;
  EnsembleMaker make;
  /// It comes with weights of its own.
  bool loaded = false;
  /// How many samples are evaluated at once; 0: all.
  std::int64_t chunk = 0;
};

class TorchModel : public Model {
 public:
  /// Throws where a dry forward pass shows that the model does not fit the signature.
  explicit TorchModel(const Plan& plan);
  void predict(const Batch& inputs, const Answers& answers) override;
  [[nodiscard]] bool has_spread() const override;
  /// By automatic differentiation; models of typed tensors (files) have none.
  [[nodiscard]] bool has_gradient() const override
  {
    return plan_.layout.kind != Layout::Kind::fields;
  }
  void pull_back(const Batch& inputs, const double* cotangents, double* gradients) override;
  /// A file's model that works in normalised units has to wait for what normalises.
  [[nodiscard]] bool ready() const override { return plan_.loaded && !plan_.settings.normalise; }
  [[nodiscard]] std::size_t state_bytes() const override;
  void read(const std::byte* state) override;
  /// As TorchScript.
  void save(const std::string& path) const override;
  void write(std::byte* state) const;

  /// Samples (already in units of the normalisation) to checked answers (members, n, ...), on this
  /// model's device, the conserving head applied.
  [[nodiscard]] static Tensors answer(const Plan& plan, Ensemble& ensemble,
                                      const Normalisation& normalisation, const Tensors& samples);

  [[nodiscard]] const Plan& plan() const { return plan_; }
  [[nodiscard]] Ensemble& ensemble() { return *ensemble_; }
  [[nodiscard]] FlatParameters& parameters() { return *parameters_; }
  [[nodiscard]] const FlatParameters& parameters() const { return *parameters_; }
  [[nodiscard]] const Tensors& buffers() const { return buffers_; }
  [[nodiscard]] at::Device device() const { return device_; }
  Normalisation normalisation;

 private:
  void try_once();

  Plan plan_;
  at::Device device_;
  std::unique_ptr<Ensemble> ensemble_;
  std::unique_ptr<FlatParameters> parameters_;
  Tensors buffers_;
};

/// The device that a run file names; "auto" and "cuda" take the node's devices in turn by the
/// rank's number on its node. Throws where "cuda" is asked for and there is none.
at::Device device_of(const ModelSettings& settings);
Tensors to_device(Tensors tensors, at::Device device);

}  // namespace cardan::torch_module
