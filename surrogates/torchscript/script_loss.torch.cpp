#include "torchscript/script_loss.torch.hpp"

#include "config/beside.hpp"
#include "core/said.hpp"
#include "torchscript/script.torch.hpp"

#include <cardan/error.hpp>

#include <memory>

namespace cardan::torch_module {

MemberLoss load_loss(const Config& training, const std::string& path, std::size_t outputs)
{
  const auto module = std::make_shared<torch::jit::Module>(
      load_script(training, "loss", path, 2 * outputs, at::kCPU));
  module->eval();
  const auto there = std::make_shared<at::Device>(at::kCPU);
  const std::string found = find_beside(training, path);
  return [module, there, found](const Tensors& answers, const Tensors& targets) {
    if (answers[0].device() != *there) {
      *there = answers[0].device();
      module->to(*there);
    }
    at::Tensor sum;
    const std::int64_t members = answers[0].size(0);
    for (std::int64_t m = 0; m < members; ++m) {
      std::vector<at::IValue> arguments;
      for (const auto& answer : answers) arguments.emplace_back(answer[m]);
      for (const auto& target : targets) arguments.emplace_back(target);
      at::IValue value;
      try {
        value = module->forward(std::move(arguments));
      } catch (const std::exception& error) {
        throw Error{"the loss " + found + " cannot be evaluated", said(error.what()),
                    "It is given the answers, then the targets, each with samples first."};
      }
      if (!value.isTensor())
        throw Error{"the loss " + found + " answers a " + value.tagKind(), "",
                    "forward must return a tensor with a single number."};
      sum = sum.defined() ? sum + value.toTensor() : value.toTensor();
    }
    return sum / static_cast<double>(members);
  };
}

}  // namespace cardan::torch_module
