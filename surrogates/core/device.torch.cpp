// Which device a model lives on.

#include "core/torch_model.torch.hpp"

#include <cardan/error.hpp>

#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <torch/cuda.h>

#include <cstdlib>
#include <string>

namespace cardan::torch_module {

namespace {

/// The rank's number on its node, as launchers tell it; 0 where none does.
int rank_on_node()
{
  for (const char* name : {"OMPI_COMM_WORLD_LOCAL_RANK", "PMIX_LOCAL_RANK", "SLURM_LOCALID"})
    if (const char* value = std::getenv(name); value != nullptr) return std::atoi(value);
  return 0;
}

}  // namespace

at::Device device_of(const ModelSettings& settings)
{
  if (settings.device == "cpu") return at::kCPU;
  const auto devices =
      torch::cuda::is_available() ? static_cast<int>(torch::cuda::device_count()) : 0;
  if (devices > 0) return {at::kCUDA, static_cast<at::DeviceIndex>(rank_on_node() % devices)};
  if (settings.device == "auto") return at::kCPU;
  throw Error{"model device = \"cuda\", and there is none",
              torch::cuda::is_available() ? "no device is visible"
                                          : "this LibTorch has no CUDA, or the node no driver",
              "Set device = \"auto\" or \"cpu\"."};
}

}  // namespace cardan::torch_module
