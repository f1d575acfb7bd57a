#include "mlp/mlp.torch.hpp"

#include "torchscript/export.torch.hpp"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/grad_mode.h>

#include <cmath>

namespace cardan::torch_module {

namespace {

at::Tensor activate(const at::Tensor& x, Activation activation)
{
  switch (activation) {
    case Activation::tanh: return at::tanh(x);
    case Activation::silu: return at::silu(x);
    case Activation::gelu: return at::gelu(x);
    case Activation::relu: return at::relu(x);
  }
  return x;
}

std::string activated(const std::string& x, Activation activation)
{
  switch (activation) {
    case Activation::tanh: return "torch.tanh(" + x + ")";
    case Activation::silu: return "torch.silu(" + x + ")";
    case Activation::gelu: return "torch.gelu(" + x + ")";
    case Activation::relu: return "torch.relu(" + x + ")";
  }
  return x;
}

at::Tensor doubles(const std::vector<double>& values)
{
  return at::from_blob(const_cast<double*>(values.data()),
                       {static_cast<std::int64_t>(values.size())}, at::kDouble)
      .clone();
}

}  // namespace

Mlp::Mlp(const MlpSettings& settings, std::int64_t members, std::int64_t inputs,
         std::int64_t outputs, std::uint64_t seed)
    : settings_(settings), members_(members)
{
  c10::NoGradGuard no_gradient;
  auto generator = at::detail::createCPUGenerator(seed);
  std::int64_t in = inputs;
  const auto add = [&](std::int64_t out, bool hidden) {
    Layer layer{at::zeros({members, in, out}), at::zeros({members, 1, out})};
    layer.weights.normal_(0.0, 1.0 / std::sqrt(static_cast<double>(in)), generator);
    if (hidden) layer.biases.normal_(0.0, 0.5, generator);
    layers_.push_back(std::move(layer));
    in = out;
  };
  for (const auto width : settings.hidden) add(width, true);
  add(outputs, false);
}

Tensors Mlp::parameters()
{
  Tensors all;
  for (auto& layer : layers_) {
    all.push_back(layer.weights);
    all.push_back(layer.biases);
  }
  return all;
}

std::vector<std::string> Mlp::parameter_names()
{
  std::vector<std::string> names;
  for (std::size_t l = 0; l < layers_.size(); ++l)
    for (const char* part : {"/weights", "/biases"})
      names.push_back("layer" + std::to_string(l) + part);
  return names;
}

at::Tensor Mlp::features(const at::Tensor& samples)
{
  at::Tensor x = samples.unsqueeze(0).expand({members_, samples.size(0), samples.size(1)});
  for (std::size_t l = 0; l + 1 < layers_.size(); ++l)
    x = activate(at::baddbmm(layers_[l].biases, x, layers_[l].weights), settings_.activation);
  return x;
}

Tensors Mlp::forward(const Tensors& samples)
{
  const Layer& last = layers_.back();
  return {at::baddbmm(last.biases, features(samples[0]), last.weights)};
}

std::string Mlp::script() const
{
  std::string text = "def forward(self, x):\n    x = x.unsqueeze(0).expand([" +
                     std::to_string(members_) + ", x.size(0), x.size(1)])\n";
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    const std::string n = std::to_string(l);
    const std::string answer = "torch.baddbmm(self.biases" + n + ", x, self.weights" + n + ")";
    text += l + 1 < layers_.size() ? "    x = " + activated(answer, settings_.activation) + "\n"
                                   : "    return " + answer + "\n";
  }
  return text;
}

void Mlp::save(const std::string& path, const Plan& plan, const Normalisation& normalisation)
{
  torch::jit::Module members{"__torch__.Mlp"};
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    const auto own = [](const at::Tensor& x) { return own_memory(x).set_requires_grad(true); };
    members.register_parameter("weights" + std::to_string(l), own(layers_[l].weights), false);
    members.register_parameter("biases" + std::to_string(l), own(layers_[l].biases), false);
  }
  members.define(script());
  write(whole_model(members, plan, normalisation), path);
}

void Mlp::set_last_layer(const at::Tensor& solved)
{
  c10::NoGradGuard no_gradient;
  Layer& last = layers_.back();
  last.weights.copy_(solved.narrow(1, 0, solved.size(1) - 1));
  last.biases.copy_(solved.narrow(1, solved.size(1) - 1, 1));
}

bool Mlp::rescale(const Normalisation& from, const Normalisation& to)
{
  c10::NoGradGuard no_gradient;
  Layer& last = layers_.back();
  // A Gaussian head's variances would move as well.
  if (last.weights.size(2) != static_cast<std::int64_t>(to.output.mean.size())) return false;
  Layer& first = layers_.front();
  const auto like = [](const at::Tensor& x, const at::Tensor& weights) {
    return x.to(weights.device(), weights.scalar_type());
  };
  const at::Tensor before = doubles(from.input.deviation);
  const at::Tensor shift =
      ((doubles(to.input.mean) - doubles(from.input.mean)) / before).view({1, -1, 1});
  first.biases.add_(
      like((first.weights.to(at::kCPU).to(at::kDouble) * shift).sum(1, true), first.weights));
  first.weights.mul_(like((doubles(to.input.deviation) / before).view({1, -1, 1}), first.weights));

  const at::Tensor after = doubles(to.output.deviation);
  const at::Tensor ratio = (doubles(from.output.deviation) / after).view({1, 1, -1});
  const at::Tensor moved =
      ((doubles(from.output.mean) - doubles(to.output.mean)) / after).view({1, 1, -1});
  last.weights.mul_(like(ratio, last.weights));
  last.biases.mul_(like(ratio, last.weights)).add_(like(moved, last.weights));
  return true;
}

}  // namespace cardan::torch_module
