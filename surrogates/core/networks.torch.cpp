#include "core/networks.torch.hpp"

#include "core/tensor_state.torch.hpp"
#include "families/families.torch.hpp"
#include "kinds.hpp"
#include "torchscript/export.torch.hpp"

#include <cardan/error.hpp>

#include <map>

namespace cardan::torch_module {

namespace {
std::map<std::string, Registered>& registry()
{
  static std::map<std::string, Registered> kinds = [] {
    std::map<std::string, Registered> own;
    for (const auto& family : families::families())
      own.emplace(family.kind, Registered{family.layout, family.make});
    return own;
  }();
  return kinds;
}

std::string member_name(std::size_t member, std::size_t members)
{
  return members == 1 ? "" : "member" + std::to_string(member) + ".";
}
}  // namespace

Tensors Networks::forward(const Tensors& samples)
{
  Tensors answers;
  answers.reserve(networks_.size());
  for (auto& network : networks_) answers.push_back(network->forward(samples[0]));
  // One network's answer needs no copy.
  return {networks_.size() == 1 ? answers[0].unsqueeze(0) : at::stack(answers)};
}

at::Tensor Networks::penalty()
{
  at::Tensor sum;
  for (auto& network : networks_) {
    const at::Tensor own = network->penalty();
    if (own.defined()) sum = sum.defined() ? sum + own : own;
  }
  return sum.defined() ? sum / static_cast<double>(networks_.size()) : sum;
}

Tensors Networks::parameters()
{
  Tensors all;
  for (auto& network : networks_)
    for (auto& parameter : network->parameters()) all.push_back(parameter);
  return all;
}

Tensors Networks::buffers()
{
  Tensors all;
  for (auto& network : networks_)
    for (auto& buffer : network->buffers()) all.push_back(buffer);
  return all;
}

std::vector<std::string> Networks::parameter_names()
{
  std::vector<std::string> names;
  for (std::size_t m = 0; m < networks_.size(); ++m)
    for (const auto& parameter : networks_[m]->named_parameters())
      names.push_back(member_name(m, networks_.size()) + parameter.key());
  return state_names(names);
}

std::vector<std::string> Networks::buffer_names()
{
  std::vector<std::string> names;
  for (std::size_t m = 0; m < networks_.size(); ++m)
    for (const auto& buffer : networks_[m]->named_buffers())
      names.push_back(member_name(m, networks_.size()) + buffer.key());
  return state_names(names);
}

void Networks::set_training(bool training)
{
  for (auto& network : networks_) network->train(training);
}

void Networks::save(const std::string& path, const Plan& plan, const Normalisation& normalisation)
{
  torch::jit::Module members{"__torch__.Members"};
  std::string answers;
  for (std::size_t m = 0; m < networks_.size(); ++m) {
    const std::string name = "member" + std::to_string(m);
    members.register_module(name, script_of(*networks_[m], name));
    answers += (m > 0 ? ", self." : "self.") + name + ".forward(x)";
  }
  members.define("def forward(self, x):\n    return torch.stack([" + answers + "])\n");
  write(whole_model(members, plan, normalisation), path);
}

const Registered* registered_network(const std::string& kind)
{
  const auto found = registry().find(kind);
  return found == registry().end() ? nullptr : &found->second;
}

}  // namespace cardan::torch_module

namespace cardan {

void register_network(const std::string& kind, NetworkShape::Layout layout, NetworkMaker make)
{
  add_model_kind(kind, "torch");
  torch_module::registry().emplace(kind, torch_module::Registered{layout, std::move(make)});
}

}  // namespace cardan
