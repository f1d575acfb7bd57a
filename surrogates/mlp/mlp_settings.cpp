#include "mlp/mlp_settings.hpp"

namespace cardan::torch_module {

//= [surrogate.NAME.model] mlp
MlpSettings read_mlp(const Config& model)
{
  MlpSettings settings;
  //= neurons of each hidden layer; `[]`: none, the model is linear
  settings.hidden = model.get<std::vector<std::int64_t>>("hidden", {64, 64});
  for (const auto width : settings.hidden)
    if (width < 1) throw model.error("hidden", "every hidden layer needs at least one neuron");

  //= between the layers
  const std::string activation =
      model.choice("activation", {"tanh", "silu", "gelu", "relu"}, "tanh");
  if (activation == "silu") settings.activation = Activation::silu;
  if (activation == "gelu") settings.activation = Activation::gelu;
  if (activation == "relu") settings.activation = Activation::relu;
  return settings;
}

}  // namespace cardan::torch_module
