/// Samples in memory of one's own: a dense, typed column for each feature.
#pragma once

#include <cardan/model.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace cardan::closure {

/// Columns that keep their memory when they are filled again.
class Columns {
 public:
  explicit Columns(const Features& features);
  /// Room for `count` samples; what is in them stays as far as it fits.
  void resize(std::int64_t count);
  [[nodiscard]] std::int64_t count() const { return count_; }
  [[nodiscard]] const Features& features() const { return features_; }
  /// Copies `count` samples of feature `f` to sample `at`.
  void copy(std::size_t f, const std::byte* from, std::int64_t count, std::int64_t at);
  /// Copies sample `row` of a batch of the same features to sample `at`.
  void copy_row(const Batch& from, std::int64_t row, std::int64_t at);
  /// Adds a sample at the end.
  void append(const Batch& from, std::int64_t row);

  [[nodiscard]] Batch batch() const;
  [[nodiscard]] std::byte* const* columns() { return pointers_.data(); }

 private:
  Features features_;
  std::int64_t count_ = 0;
  std::vector<std::vector<std::byte>> memory_;
  std::vector<std::byte*> pointers_;
  std::vector<std::int64_t> bytes_;
};

/// A number as a double.
double number_at(Dtype dtype, const std::byte* column, std::int64_t index);

}  // namespace cardan::closure
