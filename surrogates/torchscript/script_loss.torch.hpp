/// A loss of one's own as a TorchScript file.
#pragma once

#include "core/loss.torch.hpp"

#include <string>

namespace cardan::torch_module {

/// `forward(answer..., target...)` gives the mean loss over a batch as one number; it is called for
/// each member of an ensemble. Throws, naming the line, where the file is broken.
MemberLoss load_loss(const Config& training, const std::string& path);

}  // namespace cardan::torch_module
