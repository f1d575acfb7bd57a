/// What the fields hold: values that follow from step and index, so that every sum is known.
#pragma once

#include <cstdint>
#include <span>

namespace bench {

/// Elements [first, first + count) of a global array.
struct Part {
  std::int64_t first = 0;
  std::int64_t count = 0;
};

/// A field's content: `start + slope * index`, modulo 2^64, index in the global array.
struct Values {
  std::uint64_t start = 0;

  static constexpr std::uint64_t slope = 0x9e3779b97f4a7c15U;
  /// Ready arrays to choose from. Rings have 2, 4, 8, 16... slots: with three arrays a slot that
  /// was not written anew has a wrong sum.
  static constexpr std::int64_t arrays = 3;

  /// Of a field that is copied: one of the ready arrays.
  static Values ready(std::int64_t step)
  {
    return {factor * static_cast<std::uint64_t>(step % arrays + 1)};
  }
  /// Of a field that is built for this step.
  static Values built(std::int64_t step)
  {
    return {factor * static_cast<std::uint64_t>(step + arrays + 1)};
  }

  [[nodiscard]] std::int64_t at(std::int64_t index) const
  {
    return static_cast<std::int64_t>(start + slope * static_cast<std::uint64_t>(index));
  }
  /// The sum of a part's elements, without looking at them.
  [[nodiscard]] std::uint64_t sum(const Part& part) const;
  /// Writes the elements that begin at index `first`; reads nothing.
  void fill(std::span<std::int64_t> data, std::int64_t first) const;
  /// The elements' sum where each is what it should be, another number elsewhere.
  [[nodiscard]] std::uint64_t compare(std::span<const std::int64_t> data, const Part& part) const;

 private:
  static constexpr std::uint64_t factor = 0xd1342543de82ef95U;
};

/// The sum modulo 2^64: what consumers do with a field, in place, whichever way it came.
std::uint64_t sum_of(std::span<const std::int64_t> data);

}  // namespace bench
