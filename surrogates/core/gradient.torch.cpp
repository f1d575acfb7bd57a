// The gradient of a model's answers with respect to what it is asked: by automatic differentiation.

#include "core/torch_model.torch.hpp"

#include <cardan/error.hpp>

#include <ATen/core/grad_mode.h>

#include <algorithm>

namespace cardan::torch_module {

void TorchModel::pull_back(const Batch& inputs, const double* cotangents, double* gradients)
{
  if (inputs.count == 0) return;
  if (!has_gradient())
    throw Error{ensemble_->name() + " gives no gradient of its answers",
                "it is made of typed fields"};
  at::AutoGradMode with_gradient(true);
  ensemble_->set_training(false);
  const Layout& layout = plan_.layout;
  const std::int64_t ins = layout.inputs.numbers();
  const std::int64_t outs = layout.outputs.numbers();
  Tensors samples =
      to_device(to_tensors(layout, true, inputs, nullptr, normalisation.input), device_);
  samples[0].requires_grad_(true);
  at::Tensor answers = answer(plan_, *ensemble_, normalisation, samples)[0].mean(0);
  if (plan_.settings.head == Head::gaussian) answers = answers.narrow(1, 0, answers.size(1) / 2);
  at::Tensor weights = at::empty({inputs.count, outs}, at::kFloat);
  auto* weight = weights.data_ptr<float>();
  for (std::int64_t i = 0; i < inputs.count * outs; ++i) {
    const auto group = static_cast<std::size_t>(i % outs / layout.outputs.block);
    weight[i] = static_cast<float>(cotangents[i] * normalisation.output.deviation[group]);
  }
  weights = weights.to(device_).view(answers.sizes());
  answers.backward(weights, c10::nullopt, false, at::TensorList(samples.data(), 1));
  const at::Tensor gradient = samples[0].grad().to(at::kCPU).contiguous();
  const auto* from = gradient.data_ptr<float>();
  // What an increment is added to has a gradient too.
  const bool adds =
      plan_.settings.head == Head::increment || plan_.settings.head == Head::conserving;
  for (std::int64_t i = 0; i < inputs.count * ins; ++i) {
    const auto group = static_cast<std::size_t>(i % ins / layout.inputs.block);
    gradients[i] = from[i] / normalisation.input.deviation[group] + (adds ? cotangents[i] : 0);
  }
}

}  // namespace cardan::torch_module
