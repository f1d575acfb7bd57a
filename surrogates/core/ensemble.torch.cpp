#include "core/ensemble.torch.hpp"

#include <cardan/error.hpp>

namespace cardan::torch_module {

std::vector<std::string> Ensemble::parameter_names()
{
  std::vector<std::string> names;
  for (std::size_t i = 0; i < parameters().size(); ++i)
    names.push_back("parameter" + std::to_string(i));
  return names;
}

std::vector<std::string> Ensemble::buffer_names()
{
  std::vector<std::string> names;
  for (std::size_t i = 0; i < buffers().size(); ++i) names.push_back("buffer" + std::to_string(i));
  return names;
}

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
