// The module's one symbol.

#include "core/learner.torch.hpp"
#include "core/plan.torch.hpp"

#include <cardan/model.hpp>

#include <ATen/Parallel.h>
#include <torch/version.h>

namespace {

namespace torch_module = cardan::torch_module;

class TorchModule : public cardan::Module {
 public:
  [[nodiscard]] std::string about() const override { return "LibTorch " TORCH_VERSION; }
  void warm_up(int threads) override
  {
    at::set_num_threads(threads);
    const at::Tensor x = at::ones({8, 8}).set_requires_grad(true);
    at::silu(x.mm(x)).sum().backward();
  }
  [[nodiscard]] std::unique_ptr<cardan::Model> model(
      const cardan::Config& model, const cardan::Signature& signature) const override
  {
    return std::make_unique<torch_module::TorchModel>(torch_module::make_plan(model, signature, 0));
  }
  [[nodiscard]] std::unique_ptr<cardan::Learner> learner(
      const cardan::Config& model, const cardan::Config& training,
      const cardan::Signature& signature, const cardan::Trainee& trainee) const override
  {
    const auto plan = torch_module::make_plan(model, signature, trainee.seed);
    const auto settings =
        torch_module::read_training(training, torch_module::training_defaults(model, plan));
    return std::make_unique<torch_module::TorchLearner>(
        plan, settings, torch_module::make_loss(training, settings));
  }
};

}  // namespace

extern "C" __attribute__((visibility("default"))) cardan::Module* cardan_module()
{
  static TorchModule module;
  return &module;
}
