#include "couplers/closure/signature_text.hpp"

#include <nlohmann/json.hpp>

namespace cardan::closure {

namespace {

nlohmann::ordered_json list(const Features& features)
{
  auto all = nlohmann::ordered_json::array();
  for (const auto& feature : features)
    all.push_back(
        {{"name", feature.name}, {"dtype", to_string(feature.dtype)}, {"shape", feature.shape}});
  return all;
}

}  // namespace

std::string to_json(const Signature& signature)
{
  return nlohmann::ordered_json{{"inputs", list(signature.inputs)},
                                {"outputs", list(signature.outputs)}}
      .dump();
}

}  // namespace cardan::closure
