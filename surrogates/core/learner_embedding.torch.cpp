// What a model makes of its samples on the way.

#include "core/learner.torch.hpp"

#include <ATen/core/grad_mode.h>

#include <cstring>

namespace cardan::torch_module {

void TorchLearner::embed(const Batch& inputs, double* embedded)
{
  if (inputs.count == 0 || embedding_ == 0) return;
  c10::NoGradGuard no_gradient;
  published_.ensemble().set_training(false);
  const at::Tensor numbers =
      published_.ensemble().encode(samples_of(inputs)[0]).to(at::kCPU).to(at::kDouble).contiguous();
  std::memcpy(embedded, numbers.data_ptr<double>(), numbers.nbytes());
}

/// Found by trying: of a sample of zeros, which needs no memory that is typed.
std::int64_t TorchLearner::count_embedding()
{
  if (published_.plan().layout.kind != Layout::Kind::rows) return 0;
  c10::NoGradGuard no_gradient;
  published_.ensemble().set_training(false);
  const at::Tensor sample = at::zeros({1, published_.plan().layout.inputs.numbers()},
                                      at::TensorOptions(at::kFloat).device(published_.device()));
  const at::Tensor numbers = published_.ensemble().encode(sample);
  return numbers.defined() ? numbers.size(1) : 0;
}

}  // namespace cardan::torch_module
