/// All parameters of a model in one piece of memory, and their gradients in another: a state is one
/// copy, an optimiser step one pass, and a bucket of gradients one message.
#pragma once

#include "core/ensemble.torch.hpp"

#include <cardan/model.hpp>

#include <torch/csrc/autograd/function.h>

#include <cstdint>
#include <memory>
#include <vector>

namespace cardan::torch_module {

/// The parameters of an ensemble, moved into one tensor, in the reverse of their order: the
/// backward pass completes gradients from the first number on. The ensemble keeps working on it.
class FlatParameters {
 public:
  /// All must have one dtype (float32 or float64) and one device.
  explicit FlatParameters(const Tensors& parameters);
  /// All numbers; writing to it changes the model.
  [[nodiscard]] at::Tensor& values() { return values_; }
  [[nodiscard]] const at::Tensor& values() const { return values_; }
  /// Views of numbers like `values` as the parameters that they are, in the ensemble's order.
  [[nodiscard]] Tensors split(const at::Tensor& values) const;
  [[nodiscard]] std::int64_t count() const { return count_; }
  [[nodiscard]] Dtype dtype() const;

 protected:
  Tensors parameters_;
  at::Tensor values_;
  std::int64_t count_ = 0;
};

/// With gradients, cut into buckets that are announced as the backward pass completes them.
class TrainedParameters : public FlatParameters {
 public:
  explicit TrainedParameters(const Tensors& parameters);
  ~TrainedParameters();
  TrainedParameters(const TrainedParameters&) = delete;
  TrainedParameters& operator=(const TrainedParameters&) = delete;

  [[nodiscard]] at::Tensor& gradient() { return gradient_; }
  /// In memory that the host can read.
  [[nodiscard]] const std::vector<Bucket>& buckets() const { return buckets_; }
  /// Runs the backward pass of a loss; `whole` is called for every bucket, in order.
  void differentiate(const at::Tensor& loss, const Learner::Whole& whole);
  /// Before a step: takes back what was averaged in the buckets.
  void take_buckets();

 private:
  void cut_buckets();
  void complete(std::size_t parameter);
  void announce();

  at::Tensor gradient_;
  /// The gradient itself, or its copy in pinned memory of the host.
  at::Tensor host_;
  std::vector<Bucket> buckets_;
  /// For each parameter the bucket that it ends in; for each bucket how many are missing.
  std::vector<std::size_t> bucket_of_;
  std::vector<std::int64_t> members_;
  std::vector<std::int64_t> missing_;
  std::size_t announced_ = 0;
  const Learner::Whole* whole_ = nullptr;
  std::vector<std::shared_ptr<torch::autograd::Node>> accumulators_;
  std::vector<std::uintptr_t> hooks_;
};

}  // namespace cardan::torch_module
