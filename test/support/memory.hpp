/// Arrays as simulations hold them: any order of dimensions, ghosted, sections, walked backwards.
#pragma once

#include "support/random.hpp"
#include "support/values.hpp"

#include <cstring>
#include <vector>

namespace test {

/// An array inside a larger one whose other elements are marked.
class Memory {
 public:
  Memory(Random& random, Dtype dtype, const Extents& shape)
      : dtype_(dtype), shape_(shape), strides_(shape)
  {
    const int rank = shape.rank();
    const bool plain = random.chance(25);
    std::int64_t stride = 1;
    std::vector<int> fastest_first;
    if (plain || random.chance(25))
      for (int d = rank; d-- > 0;) fastest_first.push_back(d);
    else if (random.chance(40))
      for (int d = 0; d < rank; ++d) fastest_first.push_back(d);
    else
      fastest_first = random.permutation(rank);
    for (const int d : fastest_first) {
      const std::int64_t step = plain || random.chance(75) ? 1 : 2;
      const std::int64_t before = plain ? 0 : random.between(0, 2);
      const std::int64_t after = plain ? 0 : random.between(0, 2);
      const bool backwards = !plain && random.chance(15);
      const std::int64_t last = shape[d] > 0 ? shape[d] - 1 : 0;
      strides_[d] = (backwards ? -step : step) * stride;
      origin_ += (before + (backwards ? last : 0)) * step * stride;
      stride *= (before + (last + 1) + after) * step;
    }
    bytes_.assign(static_cast<std::size_t>(stride * cardan::size_of(dtype)), mark);
  }

  [[nodiscard]] Field field()
  {
    return {bytes_.data() + origin_ * cardan::size_of(dtype_), dtype_, false, shape_, strides_};
  }

  /// Marks the array's own elements too.
  void clear() { std::fill(bytes_.begin(), bytes_.end(), mark); }

  /// Whether everything around the array is still as it was marked.
  [[nodiscard]] bool intact()
  {
    const auto size = static_cast<std::size_t>(cardan::size_of(dtype_));
    std::vector<std::byte> rest = bytes_;
    for_each_index(shape_, [&](const Extents& index) {
      const auto at = static_cast<std::size_t>(origin_ + dot(index, strides_)) * size;
      std::fill_n(rest.begin() + static_cast<std::ptrdiff_t>(at), size, mark);
    });
    return std::all_of(rest.begin(), rest.end(), [](std::byte b) { return b == mark; });
  }

 private:
  static constexpr std::byte mark{0xa5};

  std::vector<std::byte> bytes_;
  Dtype dtype_;
  Extents shape_;
  Extents strides_;
  std::int64_t origin_ = 0;
};

}  // namespace test
