// The module's one symbol, and the families of models in it.

#include "mlp/mlp_learner.torch.hpp"
#include "mlp/mlp_settings.hpp"

#include <cardan/model.hpp>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/version.h>

namespace {

class TorchModule : public cardan::Module {
 public:
  [[nodiscard]] std::string about() const override { return "LibTorch " TORCH_VERSION; }
  void warm_up(int threads) override
  {
    at::set_num_threads(threads);
    const at::Tensor x = at::ones({8, 8}).set_requires_grad(true);
    at::silu(x.mm(x)).sum().backward();
  }
  [[nodiscard]] std::unique_ptr<cardan::Model> model(const cardan::Config& model,
                                                     cardan::Signature signature) const override
  {
    return std::make_unique<cardan::mlp::Mlp>(cardan::mlp::read_settings(model), signature);
  }
  [[nodiscard]] std::unique_ptr<cardan::Learner> learner(const cardan::Config& model,
                                                         const cardan::Config& training,
                                                         cardan::Signature signature,
                                                         std::uint64_t seed) const override
  {
    return std::make_unique<cardan::mlp::MlpLearner>(
        cardan::mlp::read_settings(model), cardan::mlp::read_optimizer(training), signature, seed);
  }
};

}  // namespace

extern "C" __attribute__((visibility("default"))) cardan::Module* cardan_module()
{
  static TorchModule module;
  return &module;
}
