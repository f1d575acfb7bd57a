/// What training makes small.
#pragma once

#include "core/ensemble.torch.hpp"
#include "core/settings.hpp"

#include <cardan/torch.hpp>

#include <functional>
#include <string>

namespace cardan::torch_module {

/// Answers of one or more members (members, n, ...) against targets (n, ...), in normalised units:
/// the mean over members of each member's loss.
using MemberLoss = std::function<at::Tensor(const std::vector<at::Tensor>& answers,
                                            const std::vector<at::Tensor>& targets)>;
/// The loss that a run file names, of so many tensors: one of those above, a TorchScript file or a
/// registered one. Throws, naming the line, where there is none.
MemberLoss make_loss(const Config& training, const TrainingSettings& settings, std::size_t outputs);

/// Losses registered by `register_loss`; null where there is none of that name.
const Loss* registered_loss(const std::string& name);
std::vector<std::string> loss_names();

}  // namespace cardan::torch_module
