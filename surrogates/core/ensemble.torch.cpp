#include "core/ensemble.torch.hpp"

#include <cardan/error.hpp>

namespace cardan::torch_module {

at::Tensor Ensemble::features(const at::Tensor&)
{
  throw Error{"the model has no linear last layer"};
}

void Ensemble::set_last_layer(const at::Tensor&)
{
  throw Error{"the model has no linear last layer"};
}

bool Ensemble::rescale(const Normalisation&, const Normalisation&)
{
  return false;
}

}  // namespace cardan::torch_module
