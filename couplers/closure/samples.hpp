/// Samples of inputs and targets in memory of one's own, typed as they were streamed.
#pragma once

#include <cardan/model.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace cardan::closure {

/// Dense columns of inputs, then of targets. Memory is kept and used again: nothing is allocated
/// while the count stays below what it once was.
class Samples {
 public:
  explicit Samples(const Signature& signature);
  Samples(Samples&&) noexcept = default;
  Samples& operator=(Samples&&) noexcept = default;
  Samples(const Samples&) = delete;
  Samples& operator=(const Samples&) = delete;

  /// Makes room for `count` samples; what they hold is not specified.
  void resize(std::int64_t count);
  [[nodiscard]] std::int64_t count() const noexcept { return count_; }
  /// Views of the columns, valid until the next `resize`.
  [[nodiscard]] Batch inputs() const noexcept { return {count_, readable_.data()}; }
  [[nodiscard]] Batch targets() const noexcept { return {count_, readable_.data() + inputs_}; }
  /// The columns to be written: inputs, then targets.
  [[nodiscard]] std::byte* const* columns() const noexcept { return writable_.data(); }
  /// Bytes of one sample in each column.
  [[nodiscard]] const std::vector<std::int64_t>& widths() const noexcept { return widths_; }

 private:
  std::size_t inputs_;
  std::int64_t count_ = 0;
  std::vector<std::int64_t> widths_;
  std::vector<std::vector<std::byte>> memory_;
  std::vector<const std::byte*> readable_;
  std::vector<std::byte*> writable_;
};

}  // namespace cardan::closure
