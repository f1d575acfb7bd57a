#include "couplers/ensemble/points.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cardan::ensemble {

Points::Points(std::size_t capacity, std::size_t dimension)
    : capacity_(capacity), dimension_(dimension), values_(capacity * dimension)
{}

std::size_t Points::add(std::span<const double> point)
{
  const std::size_t slot = next_;
  next_ = (next_ + 1) % capacity_;
  size_ = std::max(size_, slot + 1);
  set(slot, point);
  return slot;
}

void Points::set(std::size_t slot, std::span<const double> point)
{
  for (std::size_t d = 0; d < dimension_; ++d) values_[d * capacity_ + slot] = point[d];
}

void Points::get(std::size_t slot, std::span<double> point) const
{
  for (std::size_t d = 0; d < dimension_; ++d) point[d] = coordinate(slot, d);
}

void Points::squares(std::span<const double> from, std::span<double> squares) const
{
  std::fill_n(squares.begin(), size_, 0.0);
  double* const out = squares.data();
  for (std::size_t d = 0; d < dimension_; ++d) {
    const double* const column = &values_[d * capacity_];
    const double mine = from[d];
    for (std::size_t i = 0; i < size_; ++i) {
      const double difference = column[i] - mine;
      out[i] += difference * difference;
    }
  }
}

void Points::squares(std::size_t slot, std::span<double> squares) const
{
  std::vector<double> from(dimension_);
  get(slot, from);
  this->squares(from, squares);
}

double typical_distance(const Points& points, std::size_t sample)
{
  std::vector<double> squares(points.size());
  std::vector<double> nearest;
  const std::size_t asked = std::min(sample, points.size());
  for (std::size_t i = 0; i < asked; ++i) {
    points.squares(i * points.size() / asked, squares);
    double least = std::numeric_limits<double>::infinity();
    for (const double square : squares)
      if (square > 0) least = std::min(least, square);
    if (std::isfinite(least)) nearest.push_back(std::sqrt(least));
  }
  if (nearest.empty()) return 0;
  const auto middle = nearest.begin() + static_cast<std::ptrdiff_t>(nearest.size() / 2);
  std::nth_element(nearest.begin(), middle, nearest.end());
  return *middle;
}

std::vector<double> deviations(const Points& points)
{
  std::vector<double> deviations(points.dimension(), 1);
  const auto count = static_cast<double>(points.size());
  for (std::size_t d = 0; d < points.dimension(); ++d) {
    double sum = 0;
    for (std::size_t i = 0; i < points.size(); ++i) sum += points.coordinate(i, d);
    double squares = 0;
    for (std::size_t i = 0; i < points.size(); ++i) {
      const double from_mean = points.coordinate(i, d) - sum / count;
      squares += from_mean * from_mean;
    }
    if (squares > 0) deviations[d] = std::sqrt(squares / count);
  }
  return deviations;
}

}  // namespace cardan::ensemble
