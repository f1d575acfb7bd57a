#include "baselines/sketch.hpp"

#include <algorithm>
#include <cstddef>

namespace cardan::baselines {

namespace {
/// A seed for each rank; splitmix64 (Steele, Lea and Flood 2014) keeps neighbours apart.
std::uint64_t mix(std::uint64_t seed, int rank)
{
  std::uint64_t z = seed + 0x9e3779b97f4a7c15U * (static_cast<std::uint64_t>(rank) + 1);
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31U);
}
}  // namespace

Sketch::Sketch(std::int64_t capacity, std::int64_t width, std::uint64_t seed, int rank)
    : capacity_(capacity), width_(width), random_(mix(seed, rank))
{}

void Sketch::add(const double* left_row, std::int64_t left, const double* right_row,
                 std::int64_t right)
{
  const double number = std::uniform_real_distribution<double>{0, 1}(random_);
  auto place = static_cast<std::int64_t>(drawn_.size());
  if (place == capacity_) {
    if (number >= drawn_.front().first) return;
    place = drawn_.front().second;
    std::pop_heap(drawn_.begin(), drawn_.end());
    drawn_.back() = {number, place};
  } else {
    drawn_.emplace_back(number, place);
    rows_.resize(static_cast<std::size_t>((place + 1) * width_));
  }
  std::push_heap(drawn_.begin(), drawn_.end());
  double* to = std::copy_n(left_row, left, rows_.data() + place * width_);
  std::copy_n(right_row, right, to);
}

std::int64_t Sketch::part(std::int64_t capacity, std::int64_t width)
{
  return 1 + capacity * (1 + width);
}

void Sketch::write(double* part) const
{
  *part++ = static_cast<double>(drawn_.size());
  for (const auto& [number, place] : drawn_) {
    *part++ = number;
    part = std::copy_n(rows_.data() + place * width_, width_, part);
  }
}

std::vector<double> Sketch::join(const double* parts, int ranks, std::int64_t capacity,
                                 std::int64_t width)
{
  std::vector<const double*> rows;
  for (int rank = 0; rank < ranks; ++rank) {
    const double* part = parts + rank * Sketch::part(capacity, width);
    const auto held = static_cast<std::int64_t>(part[0]);
    for (std::int64_t i = 0; i < held; ++i) rows.push_back(part + 1 + i * (1 + width));
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [](const double* a, const double* b) { return *a < *b; });
  if (static_cast<std::int64_t>(rows.size()) > capacity)
    rows.resize(static_cast<std::size_t>(capacity));
  std::vector<double> joined;
  joined.reserve(rows.size() * static_cast<std::size_t>(width));
  for (const double* row : rows) joined.insert(joined.end(), row + 1, row + 1 + width);
  return joined;
}

}  // namespace cardan::baselines
