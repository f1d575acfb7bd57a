/// A loss of one's own as a TorchScript file.
#pragma once

#include "core/loss.torch.hpp"

#include <string>

namespace cardan::torch_module {

/// `forward(answer..., target...)` gives the mean loss over a batch as one number; it is called for
/// each member of an ensemble, with its `outputs` tensors. Throws, naming the line, where the file
/// is broken or takes another number of tensors.
MemberLoss load_loss(const Config& training, const std::string& path, std::size_t outputs);

}  // namespace cardan::torch_module
