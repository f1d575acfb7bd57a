#include "couplers/closure/samples.hpp"

namespace cardan::closure {

Samples::Samples(const Signature& signature) : inputs_(signature.inputs.size())
{
  for (const auto* features : {&signature.inputs, &signature.outputs})
    for (const auto& feature : *features) widths_.push_back(feature.bytes());
  memory_.resize(widths_.size());
  readable_.resize(widths_.size());
  writable_.resize(widths_.size());
  resize(0);
}

// A vector's memory is aligned for every dtype, because operator new's is.
void Samples::resize(std::int64_t count)
{
  count_ = count;
  for (std::size_t f = 0; f < memory_.size(); ++f) {
    const auto bytes = static_cast<std::size_t>(count * widths_[f]);
    if (memory_[f].size() < bytes) memory_[f].resize(bytes);
    readable_[f] = writable_[f] = memory_[f].data();
  }
}

}  // namespace cardan::closure
