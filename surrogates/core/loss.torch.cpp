#include "core/loss.torch.hpp"

#include "torchscript/script_loss.torch.hpp"

#include <map>

namespace cardan::torch_module {

namespace {

std::map<std::string, Loss>& registry()
{
  static std::map<std::string, Loss> losses;
  return losses;
}

using Tensor = at::Tensor;

Tensor mse(const Tensor& answers, const Tensor& targets)
{
  return (answers - targets.unsqueeze(0)).square().mean();
}

Tensor mae(const Tensor& answers, const Tensor& targets)
{
  return (answers - targets.unsqueeze(0)).abs().mean();
}

/// Huber 1964, "Robust estimation of a location parameter".
Tensor huber(const Tensor& answers, const Tensor& targets, double delta)
{
  return at::huber_loss(answers, targets.unsqueeze(0).expand_as(answers), at::Reduction::Mean,
                        delta);
}

/// The negative logarithm of a normal density, without its constant; the network states the
/// logarithm of the variance (Nix and Weigend 1994), kept from running away to either side.
Tensor gaussian(const Tensor& answers, const Tensor& targets)
{
  const auto parts = answers.chunk(2, 2);
  const Tensor log_variance = parts[1].clamp(-20, 20);
  const Tensor off = parts[0] - targets.unsqueeze(0);
  return 0.5 * (log_variance + off.square() * (-log_variance).exp()).mean();
}

/// The error's norm over the target's, sample by sample.
Tensor relative_l2(const Tensor& answers, const Tensor& targets)
{
  const auto flat = [](const Tensor& x) { return x.flatten(2); };
  const Tensor target = targets.unsqueeze(0);
  const Tensor error = flat(answers - target).norm(2, {2});
  const Tensor size = flat(target).norm(2, {2});
  return (error / (size + 1e-12)).mean();
}

/// The cross-entropy of logits of +1 against +1 and -1; targets of 0 are not judged.
Tensor masked_logistic(const Tensor& answers, const Tensor& targets)
{
  const Tensor target = targets.unsqueeze(0);
  const Tensor judged = target.abs();
  const Tensor sum = (at::softplus(-target * answers) * judged).sum();
  return sum / (static_cast<double>(answers.size(0)) * judged.sum()).clamp_min(1);
}

MemberLoss each(std::function<Tensor(const Tensor&, const Tensor&)> loss)
{
  return [loss](const Tensors& answers, const Tensors& targets) {
    Tensor sum = loss(answers[0], targets[0]);
    for (std::size_t i = 1; i < answers.size(); ++i) sum = sum + loss(answers[i], targets[i]);
    return sum;
  };
}

/// A loss that knows nothing of ensembles: member by member.
MemberLoss by_member(const Loss& loss)
{
  return each([loss](const Tensor& answers, const Tensor& targets) {
    Tensor sum = loss(answers[0], targets);
    for (std::int64_t m = 1; m < answers.size(0); ++m) sum = sum + loss(answers[m], targets);
    return sum / static_cast<double>(answers.size(0));
  });
}

}  // namespace

const Loss* registered_loss(const std::string& name)
{
  const auto found = registry().find(name);
  return found == registry().end() ? nullptr : &found->second;
}

std::vector<std::string> loss_names()
{
  std::vector<std::string> names{"mse",      "mae",         "huber",
                                 "gaussian", "relative_l2", "masked_logistic"};
  for (const auto& [name, loss] : registry()) names.push_back(name);
  return names;
}

MemberLoss make_loss(const Config& training, const TrainingSettings& settings, std::size_t outputs)
{
  const std::string& name = settings.loss;
  const bool file = name.size() > 3 && name.compare(name.size() - 3, 3, ".pt") == 0;
  if (file) return load_loss(training, name, outputs);
  if (const Loss* own = registered_loss(name)) return by_member(*own);
  const std::string known = training.choice("loss", loss_names(), name);
  if (known == "mae") return each(mae);
  if (known == "gaussian") return each(gaussian);
  if (known == "relative_l2") return each(relative_l2);
  if (known == "masked_logistic") return each(masked_logistic);
  if (known == "huber")
    return each([delta = settings.huber_delta](const Tensor& answers, const Tensor& targets) {
      return huber(answers, targets, delta);
    });
  return each(mse);
}

}  // namespace cardan::torch_module

namespace cardan {

void register_loss(const std::string& name, Loss loss)
{
  auto& losses = torch_module::registry();
  for (const auto& known : torch_module::loss_names())
    if (known == name) throw Error{"the loss '" + name + "' is registered already"};
  losses.emplace(name, std::move(loss));
}

}  // namespace cardan
