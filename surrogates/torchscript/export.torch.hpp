/// Models that were trained here as TorchScript, for PyTorch and for Cardan.
#pragma once

#include "core/torch_model.torch.hpp"

#include <torch/csrc/jit/api/module.h>

#include <string>

namespace cardan::torch_module {

/// A tensor with memory of its own on the host, the only one that is written with it.
at::Tensor own_memory(const at::Tensor& tensor);

/// A network and its submodules under the same names, with copies of their numbers, and the
/// `forward` that Network::script says. `name` is its own among all that are saved together. Throws
/// where it says nothing, or nothing that compiles.
torch::jit::Module script_of(const Network& network, const std::string& name);

/// All that a model computes. `members` has a `forward` from one tensor of samples as the plan's
/// layout has them (rows or an image, normalised) to (members, n, ...). What is returned has
/// `forward` from a tensor for each input feature, (n, shape...), in physical units, to the
/// ensemble's mean: a tensor for each output feature in its dtype and shape, alone or as a tuple;
/// and, where the model has a spread, `spread` from the same to the standard deviations, in the
/// same shapes, float64. Both compute what TorchModel::predict does.
torch::jit::Module whole_model(const torch::jit::Module& members, const Plan& plan,
                               const Normalisation& normalisation);

/// What stands at `path` is the old file or the whole new one.
void write(const torch::jit::Module& module, const std::string& path);

}  // namespace cardan::torch_module
