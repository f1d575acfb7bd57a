// The module's one symbol.

#include "core/learner.torch.hpp"
#include "core/plan.torch.hpp"

#include <cardan/model.hpp>

#include <ATen/Parallel.h>
#include <torch/version.h>

#include <memory>
#include <string>
#include <utility>

namespace {

namespace torch_module = cardan::torch_module;

/// Errors that do not name the run file's line yet begin with that of a key, if it is there.
template <class Work>
auto at_line(const cardan::Config& table, const std::string& key, Work&& work)
{
  try {
    return work();
  } catch (const cardan::Error& error) {
    const std::string what = error.what();
    if (!table.has(key) || what.rfind(table.name() + ":", 0) == 0) throw;
    throw cardan::Error{table.error(key, "").what() + (": " + what)};
  }
}

/// See Trainee::plain.
torch_module::TrainingSettings plain_training(const cardan::Config& model,
                                              const cardan::Config& training,
                                              const torch_module::Plan& plan)
{
  auto defaults = torch_module::training_defaults(model, plan);
  defaults.average = 0;
  defaults.last_layer = torch_module::LastLayer::gradient;
  if (training.has("last_layer") && training.get<std::string>("last_layer") == "least_squares")
    throw training.error("last_layer", "weights that others join are published as they are trained",
                         "Write last_layer = \"gradient\", or leave it out.");
  const auto settings = torch_module::read_training(training, defaults);
  if (settings.optimizer.average > 0)
    throw training.table("optimizer")
        .error("average", "weights that others join are published as they are trained",
               "Write average = 0, or leave it out.");
  return settings;
}

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
    return at_line(model, "file", [&] {
      return std::make_unique<torch_module::TorchModel>(
          torch_module::make_plan(model, signature, 0));
    });
  }
  [[nodiscard]] std::unique_ptr<cardan::Learner> learner(
      const cardan::Config& model, const cardan::Config& training,
      const cardan::Signature& signature, const cardan::Trainee& trainee) const override
  {
    const auto plan = at_line(
        model, "file", [&] { return torch_module::make_plan(model, signature, trainee.seed); });
    const auto settings =
        trainee.plain
            ? plain_training(model, training, plan)
            : torch_module::read_training(training, torch_module::training_defaults(model, plan));
    auto loss = torch_module::make_loss(training, settings, plan.layout.output_shapes.size());
    auto learner = at_line(model, "file", [&] {
      const auto seed = trainee.seed * 1000003U + static_cast<std::uint64_t>(trainee.rank);
      return std::make_unique<torch_module::TorchLearner>(plan, settings, std::move(loss), seed);
    });
    at_line(training, "loss", [&] { learner->try_loss(); });
    return learner;
  }
};

}  // namespace

extern "C" __attribute__((visibility("default"))) cardan::Module* cardan_module()
{
  static TorchModule module;
  return &module;
}
