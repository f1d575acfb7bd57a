/// Points of a space of few dimensions, in a ring, and their distances.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace cardan::ensemble {

/// The newest `capacity` points; the n-th lies in slot n % capacity. Coordinates lie one after the
/// other, so that distances to all points are a few long loops.
class Points {
 public:
  Points(std::size_t capacity, std::size_t dimension);

  /// Takes the oldest one's place where there is no room; returns the slot.
  std::size_t add(std::span<const double> point);
  void set(std::size_t slot, std::span<const double> point);
  void get(std::size_t slot, std::span<double> point) const;
  [[nodiscard]] double coordinate(std::size_t slot, std::size_t dimension) const
  {
    return values_[dimension * capacity_ + slot];
  }
  /// Squared distances of all points from one; as many as there are.
  void squares(std::span<const double> from, std::span<double> squares) const;
  void squares(std::size_t slot, std::span<double> squares) const;

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t capacity() const { return capacity_; }
  [[nodiscard]] std::size_t dimension() const { return dimension_; }

 private:
  std::size_t capacity_;
  std::size_t dimension_;
  std::size_t size_ = 0;
  std::size_t next_ = 0;
  std::vector<double> values_;
};

/// The median, over at most `sample` points evenly taken, of the distance to the nearest point that
/// lies elsewhere; 0 where there are not two places. Costs sample x points.
double typical_distance(const Points& points, std::size_t sample = 64);

/// The root mean square deviation of each coordinate from its mean; 1 where that is 0.
std::vector<double> deviations(const Points& points);

}  // namespace cardan::ensemble
