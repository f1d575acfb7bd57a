#include "core/plan.torch.hpp"

#include "core/networks.torch.hpp"
#include "mlp/mlp.torch.hpp"
#include "torchscript/script.torch.hpp"

#include <torch/utils.h>

namespace cardan::torch_module {

namespace {

//= [surrogate.NAME.model] file
Plan plan_file(const Config& model, const Signature& signature)
{
  Plan plan;
  const auto files = model.get<std::vector<std::string>>("file");
  //= as the stream's | converts the inputs to this dtype and the answers back to the stream's
  const bool convert = model.has("dtype");
  const std::string dtype = model.choice("dtype", {"float32", "float64"}, "float32");
  plan.settings = read_model(model, {static_cast<std::int64_t>(files.size()), false});
  if (plan.settings.members != static_cast<std::int64_t>(files.size()))
    throw model.error("members", "a model from files has one member for each of them");
  if (plan.settings.head != Head::plain)
    throw model.error("head", "a model from a file has the head that is in it");
  if (plan.settings.normalise && !convert)
    throw model.error("normalise", "what is normalised has no dtype of its own any more",
                      "Set dtype = \"float32\" or \"float64\" as well.");
  plan.layout = fields_layout(signature, convert ? dtype : "");
  plan.loaded = true;
  const at::Device device = device_of(plan.settings);
  plan.make = [model, files, signature, device] {
    return load_scripts(model, files, signature, device);
  };
  return plan;
}

Plan plan_mlp(const Config& model, const Signature& signature, std::uint64_t seed)
{
  Plan plan;
  plan.settings = read_model(model, {4, true});
  plan.layout = rows_layout(signature, plan.settings.head);
  // The activations of all members stay in a core's cache.
  plan.chunk = 256;
  const MlpSettings settings = read_mlp(model);
  plan.make = [settings, seed, members = plan.settings.members, in = plan.layout.network.in,
               out = plan.layout.network.out] {
    return std::make_unique<Mlp>(settings, members, in, out, seed);
  };
  return plan;
}

}  // namespace

Plan make_plan(const Config& model, const Signature& signature, std::uint64_t seed)
{
  if (model.has("file")) return plan_file(model, signature);
  const std::string kind = model.get<std::string>("kind", "mlp");
  if (kind == "mlp") return plan_mlp(model, signature, seed);
  const Registered* found = registered_network(kind);
  if (found == nullptr) throw model.error("kind", "the Torch module has no such network");
  Plan plan;
  plan.settings = read_model(model, {1, true});
  const bool image = found->layout == NetworkShape::Layout::image;
  plan.layout = image ? image_layout(signature) : rows_layout(signature, plan.settings.head);
  if (image && plan.settings.head == Head::gaussian) plan.layout.network.out *= 2;
  plan.make = [make = found->make, model, shape = plan.layout.network, seed,
               members = plan.settings.members]() -> std::unique_ptr<Ensemble> {
    torch::manual_seed(seed);
    std::vector<std::shared_ptr<Network>> networks;
    for (std::int64_t m = 0; m < members; ++m) networks.push_back(make(model, shape));
    return std::make_unique<Networks>(std::move(networks));
  };
  return plan;
}

TrainingDefaults training_defaults(const Config& model, const Plan& plan)
{
  const bool mlp = !plan.loaded && model.get<std::string>("kind", "mlp") == "mlp";
  TrainingDefaults defaults;
  defaults.average = plan.loaded ? 0.0 : 0.99;
  defaults.last_layer = mlp ? LastLayer::least_squares : LastLayer::gradient;
  defaults.head = plan.settings.head;
  defaults.normalised = plan.settings.normalise;
  return defaults;
}

}  // namespace cardan::torch_module
