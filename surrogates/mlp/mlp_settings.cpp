#include "mlp/mlp_settings.hpp"

namespace cardan::mlp {

Settings read_settings(const Config& model)
{
  model.ask("kind");
  Settings settings{model.get<std::vector<std::int64_t>>("hidden", {64, 64}),
                    model.get<std::int64_t>("members", 4), Activation::tanh, Head::plain};
  for (const auto width : settings.hidden)
    if (width < 1) throw model.error("hidden", "every hidden layer needs at least one neuron");
  if (settings.hidden.empty()) throw model.error("hidden", "at least one hidden layer is needed");
  if (settings.members < 1) throw model.error("members", "must be at least 1");

  const std::string activation =
      model.choice("activation", {"tanh", "silu", "gelu", "relu"}, "tanh");
  if (activation == "silu") settings.activation = Activation::silu;
  if (activation == "gelu") settings.activation = Activation::gelu;
  if (activation == "relu") settings.activation = Activation::relu;

  const std::string head = model.choice("head", {"plain", "increment", "conserving"}, "plain");
  if (head == "increment") settings.head = Head::increment;
  if (head == "conserving") settings.head = Head::conserving;
  return settings;
}

OptimizerSettings read_optimizer(const Config& training)
{
  static_cast<void>(training.choice("loss", {"mse"}, "mse"));
  const Config optimizer = training.table("optimizer");
  static_cast<void>(optimizer.choice("kind", {"adam"}, "adam"));
  OptimizerSettings settings{optimizer.get<double>("rate", 1e-3),
                             optimizer.get<double>("average", 0.99), LastLayer::least_squares};
  if (training.choice("last_layer", {"least_squares", "gradient"}, "least_squares") == "gradient")
    settings.last_layer = LastLayer::gradient;
  if (settings.rate <= 0) throw optimizer.error("rate", "must be positive");
  if (settings.average < 0 || settings.average >= 1)
    throw optimizer.error("average", "must be at least 0 and below 1");
  return settings;
}

}  // namespace cardan::mlp
