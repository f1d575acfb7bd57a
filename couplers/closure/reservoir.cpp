#include "couplers/closure/reservoir.hpp"

namespace cardan::closure {

Reservoir::Reservoir(std::int64_t capacity, const Signature& signature, std::uint64_t seed)
    : capacity_(capacity), inputs_(signature.inputs), targets_(signature.outputs), random_(seed)
{}

void Reservoir::add(const Batch& inputs, const Batch& targets, std::int64_t row)
{
  ++seen_;
  if (size() < capacity_) {
    // Grows with what arrives: a large capacity costs nothing until it is used.
    inputs_.append(inputs, row);
    targets_.append(targets, row);
    return;
  }
  const auto place = std::uniform_int_distribution<std::int64_t>{0, seen_ - 1}(random_);
  if (place >= capacity_) return;
  inputs_.copy_row(inputs, row, place);
  targets_.copy_row(targets, row, place);
}

void Reservoir::draw(std::int64_t count, Columns& inputs, Columns& targets)
{
  inputs.resize(count);
  targets.resize(count);
  const Batch held_inputs = inputs_.batch();
  const Batch held_targets = targets_.batch();
  std::uniform_int_distribution<std::int64_t> any{0, size() - 1};
  for (std::int64_t r = 0; r < count; ++r) {
    const std::int64_t place = any(random_);
    inputs.copy_row(held_inputs, place, r);
    targets.copy_row(held_targets, place, r);
  }
}

}  // namespace cardan::closure
