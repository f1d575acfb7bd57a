#include "torchscript/script_loss.torch.hpp"

#include "torchscript/script.torch.hpp"

#include <cardan/error.hpp>

#include <torch/script.h>

#include <memory>

namespace cardan::torch_module {

MemberLoss load_loss(const Config& training, const std::string& path)
{
  const std::string found = find_file(training, path);
  std::shared_ptr<torch::jit::Module> module;
  try {
    module = std::make_shared<torch::jit::Module>(load_script(found));
  } catch (const Error& error) {
    throw training.error("loss", error.what());
  }
  return [module, found](const Tensors& answers, const Tensors& targets) {
    at::Tensor sum;
    const std::int64_t members = answers[0].size(0);
    for (std::int64_t m = 0; m < members; ++m) {
      std::vector<at::IValue> arguments;
      for (const auto& answer : answers) arguments.emplace_back(answer[m]);
      for (const auto& target : targets) arguments.emplace_back(target);
      const at::IValue value = module->forward(std::move(arguments));
      if (!value.isTensor())
        throw Error{"the loss " + found + " answers a " + value.tagKind(), "",
                    "forward must return a tensor with a single number."};
      sum = sum.defined() ? sum + value.toTensor() : value.toTensor();
    }
    return sum / static_cast<double>(members);
  };
}

}  // namespace cardan::torch_module
