#include "core/optimiser.torch.hpp"

#include <torch/optim/adam.h>
#include <torch/optim/adamw.h>
#include <torch/optim/lbfgs.h>
#include <torch/optim/sgd.h>

#include <tuple>
#include <vector>

namespace cardan::torch_module {

using Kind = OptimizerSettings::Kind;

Optimiser::Optimiser(const OptimizerSettings& settings, const at::Tensor& values,
                     const at::Tensor& gradient)
    : settings_(settings), leaf_(values.detach())
{
  leaf_.set_requires_grad(true);
  leaf_.mutable_grad() = gradient;
  make();
}

bool Optimiser::adaptive() const
{
  return settings_.kind == Kind::adam || settings_.kind == Kind::adamw;
}

void Optimiser::make()
{
  if (adaptive() && leaf_.is_cpu()) {
    if (leaf_.scalar_type() == at::kDouble)
      wide_adam_ = std::make_unique<Adam<double>>(leaf_.numel());
    else
      adam_ = std::make_unique<Adam<float>>(leaf_.numel());
    return;
  }
  const std::vector<at::Tensor> all{leaf_};
  const std::tuple<double, double> betas{settings_.betas[0], settings_.betas[1]};
  switch (settings_.kind) {
    case Kind::adam:
      optimizer_ =
          std::make_unique<torch::optim::Adam>(all, torch::optim::AdamOptions(settings_.rate)
                                                        .betas(betas)
                                                        .weight_decay(settings_.weight_decay));
      break;
    case Kind::adamw:
      optimizer_ =
          std::make_unique<torch::optim::AdamW>(all, torch::optim::AdamWOptions(settings_.rate)
                                                         .betas(betas)
                                                         .weight_decay(settings_.weight_decay));
      break;
    case Kind::sgd:
      optimizer_ =
          std::make_unique<torch::optim::SGD>(all, torch::optim::SGDOptions(settings_.rate)
                                                       .momentum(settings_.momentum)
                                                       .weight_decay(settings_.weight_decay));
      break;
    case Kind::lbfgs:
      optimizer_ =
          std::make_unique<torch::optim::LBFGS>(all, torch::optim::LBFGSOptions(settings_.rate)
                                                         .max_iter(settings_.iterations)
                                                         .history_size(settings_.history)
                                                         .line_search_fn("strong_wolfe"));
      break;
  }
}

void Optimiser::set_rate(double rate)
{
  for (auto& group : optimizer_->param_groups()) {
    auto& options = group.options();
    switch (settings_.kind) {
      case Kind::adam: static_cast<torch::optim::AdamOptions&>(options).lr(rate); break;
      case Kind::adamw: static_cast<torch::optim::AdamWOptions&>(options).lr(rate); break;
      case Kind::sgd: static_cast<torch::optim::SGDOptions&>(options).lr(rate); break;
      case Kind::lbfgs: static_cast<torch::optim::LBFGSOptions&>(options).lr(rate); break;
    }
  }
}

void Optimiser::clip()
{
  if (settings_.clip <= 0) return;
  at::Tensor& gradient = leaf_.mutable_grad();
  const double norm = gradient.norm().item<double>();
  if (norm > settings_.clip) gradient.mul_(settings_.clip / norm);
}

void Optimiser::step_adam(double rate)
{
  const AdamStep by{rate, settings_.betas[0], settings_.betas[1], settings_.weight_decay,
                    settings_.kind == Kind::adamw};
  const at::Tensor& gradient = leaf_.mutable_grad();
  if (wide_adam_)
    wide_adam_->step(by, gradient.data_ptr<double>(), leaf_.data_ptr<double>());
  else
    adam_->step(by, gradient.data_ptr<float>(), leaf_.data_ptr<float>());
}

void Optimiser::step(double loss, const std::function<double()>& again)
{
  const double rate = settings_.rate * factor_ * settings_.schedule.at(steps_);
  ++steps_;
  if (optimizer_ == nullptr) {
    clip();
    step_adam(rate);
    return;
  }
  set_rate(rate);
  if (settings_.kind != Kind::lbfgs) {
    clip();
    optimizer_->step();
    return;
  }
  // The first evaluation is the one that is there already.
  bool fresh = true;
  optimizer_->step([&] {
    const double value = fresh ? loss : again();
    fresh = false;
    clip();
    return at::scalar_tensor(value, leaf_.options().requires_grad(false));
  });
}

void Optimiser::restart(double factor)
{
  factor_ *= factor;
  make();
}

}  // namespace cardan::torch_module
