/// Training of any ensemble: a loss, an optimiser, a moving average of the weights, and at each
/// publication, where the last layer is linear, that layer by least squares.
#pragma once

#include "core/loss.torch.hpp"
#include "core/optimiser.torch.hpp"
#include "core/torch_model.torch.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace cardan::torch_module {

class TorchLearner : public Learner {
 public:
  /// `seed`: of what networks draw while they are trained.
  TorchLearner(const Plan& plan, const TrainingSettings& settings, MemberLoss loss,
               std::uint64_t seed = 0);
  /// What the loss makes of answers and targets of the stream's shapes, before the first step;
  /// throws where it is no number, or has no gradient.
  void try_loss() const;
  void see(const Batch& inputs, const Batch& targets) override { statistics_.see(inputs, targets); }
  [[nodiscard]] Tally tally() const override;
  void normalise(const Tally& joined) override;
  double differentiate(const Batch& inputs, const Batch& targets, double weight,
                       const Whole& whole) override;
  [[nodiscard]] const std::vector<Bucket>& buckets() const override { return trained_->buckets(); }
  void step(double loss, const Again& again) override;
  [[nodiscard]] std::vector<double> settling_sums(const Batch& inputs,
                                                  const Batch& targets) override;
  void settle(const std::vector<double>& joined) override;
  void predict(const Batch& inputs, const Answers& answers) override
  {
    published_.predict(inputs, answers);
  }
  [[nodiscard]] bool has_gradient() const override { return published_.has_gradient(); }
  void pull_back(const Batch& inputs, const double* cotangents, double* gradients) override
  {
    published_.pull_back(inputs, cotangents, gradients);
  }
  [[nodiscard]] double validate(const Batch& inputs, const Batch& targets) override;
  [[nodiscard]] std::int64_t embedding() const override { return embedding_; }
  void embed(const Batch& inputs, double* embedded) override;
  [[nodiscard]] std::size_t weights() const override
  {
    return static_cast<std::size_t>(trained_->count());
  }
  void get_weights(double* to) const override;
  void set_weights(const double* from) override;
  void keep() override;
  void roll_back(double factor) override;
  [[nodiscard]] std::size_t state_bytes() const override { return published_.state_bytes(); }
  void write(std::byte* state) const override { published_.write(state); }
  [[nodiscard]] State checkpoint() const override;
  void restore(const State& state) override;
  void save(const std::string& path) const override { published_.save(path); }

 private:
  [[nodiscard]] Tensors samples_of(const Batch& inputs) const;
  [[nodiscard]] Tensors targets_of(const Batch& inputs, const Batch& targets) const;
  [[nodiscard]] at::Tensor loss(Ensemble& ensemble, const Tensors& samples,
                                const Tensors& targets) const;
  void publish_average();
  [[nodiscard]] std::int64_t count_embedding();

  TrainingSettings settings_;
  MemberLoss loss_;
  std::uint64_t seed_;
  /// What is published: the moving average of the trained weights, its last layer solved.
  TorchModel published_;
  Statistics statistics_;
  std::unique_ptr<Ensemble> ensemble_;
  std::unique_ptr<TrainedParameters> trained_;
  std::unique_ptr<Optimiser> optimiser_;
  at::Tensor average_;
  struct Kept {
    at::Tensor values;
    at::Tensor average;
    Tensors buffers;
    std::unique_ptr<Normalisation> normalisation;
  };
  Kept kept_;
  bool normalised_ = false;
  std::int64_t embedding_ = 0;
};

}  // namespace cardan::torch_module
