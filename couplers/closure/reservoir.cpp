#include "couplers/closure/reservoir.hpp"

#include <algorithm>

namespace cardan::closure {

Reservoir::Reservoir(std::int64_t capacity, Signature signature, std::uint64_t seed)
    : signature_(signature), capacity_(capacity), random_(seed)
{}

void Reservoir::add(const double* input, const double* target)
{
  ++seen_;
  std::int64_t place = size_;
  if (size_ < capacity_) {
    ++size_;
    // Grows with what arrives: a large capacity costs nothing until it is used.
    inputs_.resize(static_cast<std::size_t>(size_ * signature_.inputs));
    targets_.resize(static_cast<std::size_t>(size_ * signature_.outputs));
  } else {
    place = std::uniform_int_distribution<std::int64_t>{0, seen_ - 1}(random_);
    if (place >= capacity_) return;
  }
  std::copy_n(input, signature_.inputs, inputs_.data() + place * signature_.inputs);
  std::copy_n(target, signature_.outputs, targets_.data() + place * signature_.outputs);
}

void Reservoir::draw(std::int64_t count, std::vector<double>& inputs, std::vector<double>& targets)
{
  inputs.resize(static_cast<std::size_t>(count * signature_.inputs));
  targets.resize(static_cast<std::size_t>(count * signature_.outputs));
  std::uniform_int_distribution<std::int64_t> any{0, size_ - 1};
  for (std::int64_t r = 0; r < count; ++r) {
    const std::int64_t place = any(random_);
    std::copy_n(inputs_.data() + place * signature_.inputs, signature_.inputs,
                inputs.data() + r * signature_.inputs);
    std::copy_n(targets_.data() + place * signature_.outputs, signature_.outputs,
                targets.data() + r * signature_.outputs);
  }
}

}  // namespace cardan::closure
