/// A field as rows: samples of a batch, or cells of a box, numbered row by row.
#pragma once

#include "channel/patch.hpp"

#include <cardan/field.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace cardan::provenance {

/// Of any strides; a view, as the field is.
class Rows {
 public:
  explicit Rows(const Field& field);
  [[nodiscard]] std::int64_t count() const noexcept { return count_; }
  /// Of one row.
  [[nodiscard]] std::int64_t bytes() const noexcept { return row_.bytes(); }
  [[nodiscard]] std::vector<std::int64_t> shape() const;
  /// Copies rows [first, first + count) to dense memory, and from there.
  void copy(std::int64_t first, std::int64_t count, std::byte* dense) const;
  void store(const std::byte* dense, std::int64_t first, std::int64_t count) const;

 private:
  /// Where a row begins, in bytes from the field's data.
  [[nodiscard]] std::int64_t begin(std::int64_t row) const;

  Field field_;
  channel::Patch row_;
  /// A row in dense memory.
  channel::Patch packed_;
  /// Dimensions that count rows.
  int leading_;
  std::int64_t count_;
  bool dense_;
};

}  // namespace cardan::provenance
