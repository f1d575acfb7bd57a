/// What LibTorch's long messages come to.
#pragma once

#include <string>

namespace cardan::torch_module {

/// The cause alone: without the place in LibTorch's sources, and without TorchScript's traceback.
std::string said(const std::string& what);

}  // namespace cardan::torch_module
