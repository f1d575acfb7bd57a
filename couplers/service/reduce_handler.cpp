#include "couplers/service/reduce_handler.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace cardan::service {

namespace {

template <class T>
void reduce(const std::byte* data, std::int64_t samples, std::int64_t numbers, double* out)
{
  const T* at = reinterpret_cast<const T*>(data);
  for (std::int64_t i = 0; i < samples; ++i, at += numbers, out += 4) {
    double least = std::numeric_limits<double>::infinity();
    double largest = -least;
    double sum = 0;
    double squares = 0;
    for (std::int64_t k = 0; k < numbers; ++k) {
      const auto value = static_cast<double>(at[k]);
      least = std::min(least, value);
      largest = std::max(largest, value);
      sum += value;
      squares += value * value;
    }
    const auto count = static_cast<double>(numbers);
    out[0] = least;
    out[1] = largest;
    out[2] = sum / count;
    out[3] = std::sqrt(squares / count);
  }
}

void reduce(Dtype dtype, const std::byte* data, std::int64_t samples, std::int64_t numbers,
            double* out)
{
  switch (dtype) {
    case Dtype::float32: return reduce<float>(data, samples, numbers, out);
    case Dtype::float64: return reduce<double>(data, samples, numbers, out);
    case Dtype::int32: return reduce<std::int32_t>(data, samples, numbers, out);
    case Dtype::int64: return reduce<std::int64_t>(data, samples, numbers, out);
    case Dtype::int8: return reduce<std::int8_t>(data, samples, numbers, out);
    case Dtype::int16: return reduce<std::int16_t>(data, samples, numbers, out);
    case Dtype::uint8: return reduce<std::uint8_t>(data, samples, numbers, out);
    case Dtype::uint16: return reduce<std::uint16_t>(data, samples, numbers, out);
    case Dtype::uint32: return reduce<std::uint32_t>(data, samples, numbers, out);
    case Dtype::uint64: return reduce<std::uint64_t>(data, samples, numbers, out);
  }
}

class Reduce : public ServiceHandler {
 public:
  explicit Reduce(const Features& inputs) : inputs_(inputs) {}
  void answer(const Batch& inputs, const Answers& outputs) override
  {
    for (std::size_t f = 0; f < inputs_.size(); ++f)
      reduce(inputs_[f].dtype, inputs.columns[f], inputs.count, inputs_[f].numbers(),
             reinterpret_cast<double*>(outputs.columns[f]));
  }

 private:
  Features inputs_;
};

}  // namespace

std::unique_ptr<ServiceHandler> make_reduce(const Signature& signature)
{
  if (signature.inputs.size() != signature.outputs.size())
    throw Error{fmt::format("a service of kind \"reduce\" has {} inputs and {} outputs",
                            signature.inputs.size(), signature.outputs.size()),
                "each input has one output"};
  for (const auto& output : signature.outputs)
    if (output.dtype != Dtype::float64 || output.numbers() != 4)
      throw Error{
          fmt::format("a service of kind \"reduce\" has an output {}", to_string(Features{output})),
          "a sample is reduced to [least, largest, mean, root mean square]",
          "Declare it float64 [4]."};
  return std::make_unique<Reduce>(signature.inputs);
}

}  // namespace cardan::service
