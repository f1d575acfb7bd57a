/// How an item lies in memory, and the strided copy between two of them.
#pragma once

#include <cardan/field.hpp>

#include <cstddef>

namespace cardan::channel {

/// A regular pattern of elements: counts, and strides in bytes.
struct Patch {
  std::int64_t element = 0;
  Extents count;
  Extents strides;

  [[nodiscard]] std::int64_t bytes() const noexcept { return element * count.product(); }
  /// True where the elements lie without gaps in row-major order.
  [[nodiscard]] bool dense() const noexcept;
};

/// A field's own pattern; for batches that of one sample, `tail` being true.
Patch patch_of(const Field& field, bool tail);
/// The part of an array of `shape`, dense and row-major, that has `count` elements a dimension.
Patch patch_in(const Extents& shape, const Extents& count, std::int64_t element);

/// Copies equal counts from one pattern to another. The ranges must not overlap.
void copy(const Patch& from, const std::byte* source, const Patch& to, std::byte* target);

}  // namespace cardan::channel
