#include "provenance/rows.hpp"

#include <cstring>

namespace cardan::provenance {

Rows::Rows(const Field& field)
    : field_(field),
      leading_(field.box() ? field.shape().rank() : 1),
      count_(1),
      dense_(field.dense())
{
  row_ =
      field.box() ? channel::Patch{size_of(field.dtype()), {}, {}} : channel::patch_of(field, true);
  packed_ = channel::patch_in(row_.count, row_.count, row_.element);
  for (int d = 0; d < leading_; ++d) count_ *= field.shape()[d];
}

std::vector<std::int64_t> Rows::shape() const
{
  std::vector<std::int64_t> shape;
  for (int d = leading_; d < field_.shape().rank(); ++d) shape.push_back(field_.shape()[d]);
  return shape;
}

std::int64_t Rows::begin(std::int64_t row) const
{
  std::int64_t at = 0;
  for (int d = leading_ - 1; d >= 0; --d) {
    at += row % field_.shape()[d] * field_.strides()[d];
    row /= field_.shape()[d];
  }
  return at * row_.element;
}

void Rows::copy(std::int64_t first, std::int64_t count, std::byte* dense) const
{
  const auto* data = static_cast<const std::byte*>(field_.data());
  if (dense_ && count > 0) {
    std::memcpy(dense, data + first * bytes(), static_cast<std::size_t>(count * bytes()));
    return;
  }
  for (std::int64_t r = 0; r < count; ++r)
    channel::copy(row_, data + begin(first + r), packed_, dense + r * bytes());
}

void Rows::store(const std::byte* dense, std::int64_t first, std::int64_t count) const
{
  auto* data = static_cast<std::byte*>(field_.writable());
  if (dense_ && count > 0) {
    std::memcpy(data + first * bytes(), dense, static_cast<std::size_t>(count * bytes()));
    return;
  }
  for (std::int64_t r = 0; r < count; ++r)
    channel::copy(packed_, dense + r * bytes(), row_, data + begin(first + r));
}

}  // namespace cardan::provenance
