/// Training of the ensemble: mean square error by Adam, a moving average of the weights, and at
/// each publication the last layer by linear least squares.
#pragma once

#include "mlp/mlp.torch.hpp"

#include <torch/optim/adam.h>

#include <memory>
#include <vector>

namespace cardan::mlp {

class MlpLearner : public Learner {
 public:
  MlpLearner(const Settings& settings, const OptimizerSettings& optimizer, Signature signature,
             std::uint64_t seed);
  void see(Rows inputs, Rows targets) override { statistics_.see(inputs, targets); }
  [[nodiscard]] Tally tally() const override { return statistics_.tally(); }
  void normalise(const Tally& joined) override;
  double differentiate(Rows inputs, Rows targets) override;
  [[nodiscard]] float* gradient() override;
  [[nodiscard]] std::size_t gradient_size() const override;
  void step() override;
  [[nodiscard]] std::vector<double> settling_sums(Rows inputs, Rows targets) override;
  void settle(const std::vector<double>& joined) override;
  void predict(Rows inputs, const Answers& answers) override
  {
    published_.predict(inputs, answers);
  }
  [[nodiscard]] double validate(Rows inputs, Rows targets) override;
  [[nodiscard]] std::size_t state_bytes() const override { return published_.state_bytes(); }
  void write(std::byte* state) const override { published_.write(state); }

 private:
  [[nodiscard]] at::Tensor targets_of(Rows inputs, Rows targets) const;
  [[nodiscard]] at::Tensor loss(const at::Tensor& flat, Rows inputs, Rows targets) const;

  /// What is published: the moving average of the trained weights, its last layer solved.
  Mlp published_;
  Statistics statistics_;
  OptimizerSettings settings_;
  at::Tensor flat_;
  at::Tensor average_;
  std::unique_ptr<torch::optim::Adam> adam_;
  std::int64_t steps_ = 0;
  bool normalised_ = false;
};

}  // namespace cardan::mlp
