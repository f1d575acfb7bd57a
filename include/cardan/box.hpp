/// Shapes, and which part of a global array a rank's field is. C++17, so that Torch sources can
/// include it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

namespace cardan {

/// The most dimensions a field has.
inline constexpr int max_rank = 8;

/// Up to eight integers: a shape, an offset or strides. Never allocates.
class Extents {
 public:
  Extents() = default;
  Extents(std::initializer_list<std::int64_t> values);
  explicit Extents(const std::vector<std::int64_t>& values);
  /// `rank` times the same value.
  static Extents filled(int rank, std::int64_t value);

  [[nodiscard]] int rank() const noexcept { return rank_; }
  std::int64_t& operator[](int i) { return values_[static_cast<std::size_t>(i)]; }
  std::int64_t operator[](int i) const { return values_[static_cast<std::size_t>(i)]; }
  /// The product of all values; 1 for rank 0.
  [[nodiscard]] std::int64_t product() const noexcept;
  /// Without the first dimension: the shape of one sample of a batch.
  [[nodiscard]] Extents tail() const;

  friend bool operator==(const Extents& a, const Extents& b) noexcept;
  friend bool operator!=(const Extents& a, const Extents& b) noexcept { return !(a == b); }

 private:
  std::array<std::int64_t, max_rank> values_{};
  int rank_ = 0;
};

/// Strides in elements of a dense array whose last dimension varies fastest.
Extents row_major(const Extents& shape);
/// Strides in elements of a dense array whose first dimension varies fastest.
Extents column_major(const Extents& shape);
/// `(64, 32, 3)`
std::string to_string(const Extents& extents);

/// A part of a global array, as an HDF5 hyperslab: global shape, offset and count, in elements.
struct Box {
  Extents global;
  Extents offset;
  Extents count;

  [[nodiscard]] bool empty() const noexcept { return count.product() == 0; }
  friend bool operator==(const Box&, const Box&) noexcept;
};

/// What two boxes of the same global array share; empty (a zero in `count`) where they do not
/// touch.
Box intersection(const Box& a, const Box& b);
/// `[16:32, 0:64] of (64, 64)`
std::string to_string(const Box& box);
/// Throws unless ranks agree and the box lies inside its global array.
void check(const Box& box);

}  // namespace cardan
