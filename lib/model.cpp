#include <cardan/model.hpp>

#include <functional>
#include <numeric>

namespace cardan {

std::int64_t Feature::numbers() const
{
  return std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>{});
}

std::int64_t numbers_of(const Features& features)
{
  std::int64_t numbers = 0;
  for (const auto& feature : features) numbers += feature.numbers();
  return numbers;
}

std::string to_string(const Features& features)
{
  std::string text = "(";
  for (const auto& feature : features) {
    if (text.size() > 1) text += ", ";
    text += feature.name + " " + to_string(feature.dtype) + " [";
    for (std::size_t d = 0; d < feature.shape.size(); ++d)
      text += (d > 0 ? ", " : "") + std::to_string(feature.shape[d]);
    text += "]";
  }
  return text + ")";
}

std::string to_string(const Signature& signature)
{
  return to_string(signature.inputs) + " -> " + to_string(signature.outputs);
}

}  // namespace cardan
