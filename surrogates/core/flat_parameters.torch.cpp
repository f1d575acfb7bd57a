#include "core/flat_parameters.torch.hpp"

#include <cardan/error.hpp>

#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/function_hook.h>
#include <torch/csrc/autograd/variable.h>

#include <algorithm>

namespace cardan::torch_module {

FlatParameters::FlatParameters(const Tensors& parameters)
    : parameters_(parameters.rbegin(), parameters.rend())
{
  c10::NoGradGuard no_gradient;
  for (const auto& parameter : parameters_) {
    if (parameter.scalar_type() != parameters_.front().scalar_type() ||
        parameter.device() != parameters_.front().device())
      throw Error{"the model's parameters have several dtypes or lie on several devices",
                  "they are trained and published in one piece"};
    count_ += parameter.numel();
  }
  const auto options =
      parameters_.empty() ? at::TensorOptions(at::kFloat) : parameters_.front().detach().options();
  if (options.dtype() != at::kFloat && options.dtype() != at::kDouble)
    throw Error{"the model's parameters are neither float32 nor float64"};
  values_ = at::empty({count_}, options);
  std::int64_t at = 0;
  for (auto& parameter : parameters_) {
    const at::Tensor place = values_.narrow(0, at, parameter.numel()).view(parameter.sizes());
    place.copy_(parameter);
    parameter.set_data(place);
    at += parameter.numel();
  }
}

Tensors FlatParameters::split(const at::Tensor& values) const
{
  Tensors parts;
  std::int64_t at = 0;
  for (const auto& parameter : parameters_) {
    parts.push_back(values.narrow(0, at, parameter.numel()).view(parameter.sizes()));
    at += parameter.numel();
  }
  return {parts.rbegin(), parts.rend()};
}

Dtype FlatParameters::dtype() const
{
  return values_.scalar_type() == at::kDouble ? Dtype::float64 : Dtype::float32;
}

namespace {

/// Runs when a parameter's gradient has been accumulated.
class Hook : public torch::autograd::FunctionPostHook {
 public:
  explicit Hook(std::function<void()> work) : work_(std::move(work)) {}
  torch::autograd::variable_list operator()(const torch::autograd::variable_list& outputs,
                                            const torch::autograd::variable_list&) override
  {
    work_();
    return outputs;
  }

 private:
  std::function<void()> work_;
};

/// A message of this many bytes costs little more than its data.
constexpr std::int64_t bucket_bytes = 1 << 20;

}  // namespace

TrainedParameters::TrainedParameters(const Tensors& parameters) : FlatParameters(parameters)
{
  gradient_ = at::zeros_like(values_);
  host_ = gradient_;
  if (gradient_.is_cuda())
    host_ = at::zeros({count_}, gradient_.options().device(at::kCPU).pinned_memory(true));
  std::int64_t at = 0;
  for (auto& parameter : parameters_) {
    parameter.set_requires_grad(true);
    parameter.mutable_grad() = gradient_.narrow(0, at, parameter.numel()).view(parameter.sizes());
    at += parameter.numel();
  }
  cut_buckets();
  // A parameter may be used by several operations; the node that accumulates its gradient is run
  // once, after all of them.
  for (std::size_t p = 0; p < parameters_.size(); ++p) {
    accumulators_.push_back(torch::autograd::impl::grad_accumulator(parameters_[p]));
    hooks_.push_back(
        accumulators_.back()->add_post_hook(std::make_unique<Hook>([this, p] { complete(p); })));
  }
}

TrainedParameters::~TrainedParameters()
{
  // A graph that outlives this must not call it.
  for (std::size_t p = 0; p < hooks_.size(); ++p) accumulators_[p]->del_post_hook(hooks_[p]);
}

void TrainedParameters::cut_buckets()
{
  const auto element = static_cast<std::int64_t>(host_.element_size());
  auto* data = static_cast<std::byte*>(host_.data_ptr());
  std::int64_t begin = 0;
  std::int64_t end = 0;
  std::int64_t members = 0;
  for (std::size_t p = 0; p < parameters_.size(); ++p) {
    end += parameters_[p].numel();
    ++members;
    bucket_of_.push_back(buckets_.size());
    if ((end - begin) * element < bucket_bytes && p + 1 < parameters_.size()) continue;
    buckets_.push_back({data + begin * element, static_cast<std::size_t>(end - begin), dtype()});
    members_.push_back(members);
    begin = end;
    members = 0;
  }
}

void TrainedParameters::complete(std::size_t parameter)
{
  // On a device the host's copy is made when all is there.
  --missing_[bucket_of_[parameter]];
  if (!gradient_.is_cuda()) announce();
}

void TrainedParameters::announce()
{
  while (announced_ < buckets_.size() && missing_[announced_] <= 0) (*whole_)(announced_++);
}

void TrainedParameters::differentiate(const at::Tensor& loss, const Learner::Whole& whole)
{
  gradient_.zero_();
  missing_ = members_;
  announced_ = 0;
  whole_ = &whole;
  loss.backward();
  if (gradient_.is_cuda()) host_.copy_(gradient_);
  // Parameters that the loss does not depend on have a gradient of zero.
  std::fill(missing_.begin(), missing_.end(), 0);
  announce();
  whole_ = nullptr;
}

void TrainedParameters::take_buckets()
{
  if (gradient_.is_cuda()) gradient_.copy_(host_, true);
}

}  // namespace cardan::torch_module
