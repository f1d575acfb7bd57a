// A network in C++ as TorchScript, and how modules are written.

#include "core/said.hpp"
#include "torchscript/export.torch.hpp"

#include <cardan/error.hpp>

#include <ATen/core/grad_mode.h>

#include <cctype>
#include <filesystem>

namespace cardan::torch_module {

namespace {

/// The class's own name, as far as it is one in Python.
std::string class_name(const torch::nn::Module& module)
{
  const std::string whole = module.name();
  const auto colons = whole.rfind("::");
  std::string name;
  for (const char letter : colons == std::string::npos ? whole : whole.substr(colons + 2))
    if (std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '_') name += letter;
  if (name.empty() || std::isdigit(static_cast<unsigned char>(name.front())) != 0) return "Network";
  return name;
}

/// Classes are named after their places: LibTorch 1.13 takes memory without end for many of one
/// name.
torch::jit::Module with_submodules(const torch::nn::Module& module, const std::string& place)
{
  torch::jit::Module script{place + "." + class_name(module)};
  for (const auto& parameter : module.named_parameters(false))
    script.register_parameter(parameter.key(),
                              own_memory(parameter.value()).set_requires_grad(true), false);
  for (const auto& buffer : module.named_buffers(false))
    script.register_buffer(buffer.key(), own_memory(buffer.value()));
  for (const auto& child : module.named_children())
    script.register_module(child.key(), with_submodules(*child.value(), place + "." + child.key()));
  if (const auto* network = dynamic_cast<const Network*>(&module);
      network != nullptr && !network->script().empty())
    script.define(network->script());
  return script;
}

}  // namespace

at::Tensor own_memory(const at::Tensor& tensor)
{
  const c10::NoGradGuard no_gradient;
  return tensor.detach().to(at::kCPU).clone();
}

torch::jit::Module script_of(const Network& network, const std::string& name)
{
  const std::string problem = "the network " + class_name(network) + " cannot be saved for PyTorch";
  if (network.script().empty())
    throw Error{problem, "it does not say what it computes",
                "Override Network::script, or leave 'save' away: checkpoints hold its state."};
  try {
    return with_submodules(network, "__torch__." + name);
  } catch (const std::exception& error) {
    throw Error{problem, "LibTorch cannot compile what its script() says: " + said(error.what())};
  }
}

void write(const torch::jit::Module& module, const std::string& path)
{
  const std::string part = path + ".part";
  try {
    module.save(part);
    std::filesystem::rename(part, path);
  } catch (const std::exception& error) {
    std::error_code code;
    std::filesystem::remove(part, code);
    throw Error{"cannot write the model to " + path, said(error.what()),
                "Does the folder exist, may it be written, is there room?"};
  }
}

}  // namespace cardan::torch_module
