#include "kinds.hpp"

#include <cardan/error.hpp>

#include <utility>

namespace cardan {

namespace {
using Entry = std::pair<std::string, std::string>;
std::vector<Entry>& entries()
{
  static std::vector<Entry> kinds{
      {"mlp", "torch"},        {"resnet_mlp", "torch"},
      {"deeponet", "torch"},   {"cnn", "torch"},
      {"unet", "torch"},       {"fno", "torch"},
      {"vae", "torch"},        {"autoencoder", "torch"},
      {"linear", "baselines"}, {"knn", "baselines"},
      {"pod", "baselines"},    {"conv_autoencoder", "torch"},
      {"pooled_cnn", "torch"}, {"masked_transformer", "torch"},
  };
  return kinds;
}
}  // namespace

std::vector<std::string> model_kinds()
{
  std::vector<std::string> names;
  for (const auto& [kind, module] : entries()) names.push_back(kind);
  return names;
}

std::string module_of_kind(const std::string& kind)
{
  for (const auto& entry : entries())
    if (entry.first == kind) return entry.second;
  return {};
}

void add_model_kind(const std::string& kind, const std::string& module)
{
  if (!module_of_kind(kind).empty())
    throw Error{"the model kind '" + kind + "' is known already", "", "Give it another name."};
  entries().emplace_back(kind, module);
}

}  // namespace cardan
