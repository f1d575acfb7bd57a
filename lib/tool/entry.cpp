#include "tool/entry.hpp"

#include <algorithm>

namespace cardan::tool {

std::int64_t product(const Shape& shape)
{
  std::int64_t all = 1;
  for (const auto extent : shape) all *= extent;
  return all;
}

std::int64_t Entry::elements() const
{
  return product(shape);
}

const Attribute* Entry::attribute(const std::string& name) const
{
  for (const auto& each : attributes)
    if (each.name == name) return &each;
  return nullptr;
}

std::string text_of(const Attribute* attribute)
{
  if (attribute == nullptr) return {};
  const auto* texts = std::get_if<std::vector<std::string>>(&attribute->values);
  return texts == nullptr || texts->empty() ? std::string{} : texts->front();
}

std::vector<double> numbers_of(const Attribute* attribute)
{
  if (attribute == nullptr) return {};
  if (const auto* whole = std::get_if<std::vector<std::int64_t>>(&attribute->values))
    return {whole->begin(), whole->end()};
  if (const auto* numbers = std::get_if<std::vector<double>>(&attribute->values)) return *numbers;
  return {};
}

Block whole(const Shape& shape)
{
  return {Shape(shape.size(), 0), shape, Shape(shape.size(), 1)};
}

namespace {

/// The largest block, growing from the last dimension on, that has `most` elements at most: whole
/// chunks where there are any.
Shape piece_of(const Shape& shape, const Shape& chunk, std::int64_t most, bool in_order)
{
  Shape piece(shape.size(), 1);
  if (!chunk.empty() && !in_order)
    for (std::size_t i = 0; i < shape.size(); ++i) piece[i] = std::min(shape[i], chunk[i]);
  for (std::size_t i = shape.size(); i-- > 0;) {
    const std::int64_t others = product(piece) / piece[i];
    const std::int64_t grown = piece[i] * std::max<std::int64_t>(1, most / others / piece[i]);
    piece[i] = std::min(shape[i], grown);
    if (piece[i] < shape[i]) break;
  }
  return piece;
}

}  // namespace

void for_each_piece(const Shape& shape, const Shape& chunk, std::int64_t most, bool in_order,
                    const std::function<void(const Shape&, const Shape&)>& visit)
{
  if (product(shape) == 0) return;
  const Shape piece = piece_of(shape, chunk, most, in_order);
  Shape start(shape.size(), 0);
  Shape count(shape.size(), 1);
  while (true) {
    for (std::size_t i = 0; i < shape.size(); ++i)
      count[i] = std::min(piece[i], shape[i] - start[i]);
    visit(start, count);
    std::size_t i = shape.size();
    while (i-- > 0) {
      start[i] += piece[i];
      if (start[i] < shape[i]) break;
      start[i] = 0;
    }
    if (i == static_cast<std::size_t>(-1)) return;
  }
}

void for_each_row(const Shape& shape, const Shape& start, const Shape& count,
                  const std::function<void(std::int64_t, std::int64_t, std::int64_t)>& visit)
{
  if (shape.empty()) {
    visit(0, 0, 1);
    return;
  }
  if (product(count) == 0) return;
  const std::size_t last = shape.size() - 1;
  Shape at(shape.size(), 0);
  for (std::int64_t in_block = 0;; in_block += count[last]) {
    std::int64_t position = 0;
    for (std::size_t i = 0; i <= last; ++i) position = position * shape[i] + start[i] + at[i];
    visit(position, in_block, count[last]);
    std::size_t i = last;
    while (i-- > 0) {
      if (++at[i] < count[i]) break;
      at[i] = 0;
    }
    if (i == static_cast<std::size_t>(-1)) return;
  }
}

}  // namespace cardan::tool
