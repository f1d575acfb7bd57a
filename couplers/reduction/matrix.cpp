#include "couplers/reduction/matrix.hpp"

#include <algorithm>

namespace cardan::reduction {

Matrix::Matrix(std::int64_t in, std::int64_t out, const std::vector<double>& numbers)
    : in_(in), out_(out), tiles_(static_cast<std::size_t>((out + tile - 1) / tile * in), Tile{})
{
  for (std::int64_t i = 0; i < in; ++i)
    for (std::int64_t o = 0; o < out; ++o)
      tiles_[static_cast<std::size_t>(o / tile * in + i)][static_cast<std::size_t>(o % tile)] =
          numbers[static_cast<std::size_t>(i * out + o)];
}

// Each sum runs in the order of the inputs, however many are done at once: several rows, so that
// their sums do not wait for each other.
template <int rows>
void Matrix::apply_some(const double* x, const double* minus, const double* start, double* y) const
{
  const Tile* weights = tiles_.data();
  for (std::int64_t first = 0; first < out_; first += tile, weights += in_) {
    const std::int64_t some = std::min(tile, out_ - first);
    std::array<Tile, rows> sums{};
    for (Tile& sum : sums) {
      if (start != nullptr && some == tile)
        std::copy_n(start + first, tile, sum.begin());
      else if (start != nullptr)
        std::copy_n(start + first, some, sum.begin());
    }
    for (std::int64_t i = 0; i < in_; ++i) {
      const Tile& weight = weights[i];
      const double shift = minus != nullptr ? minus[i] : 0.0;
      for (std::size_t r = 0; r < rows; ++r) {
        const double d = x[static_cast<std::int64_t>(r) * in_ + i] - shift;
        for (std::size_t o = 0; o < tile; ++o) sums[r][o] += d * weight[o];
      }
    }
    for (std::size_t r = 0; r < rows; ++r) {
      double* const to = y + static_cast<std::int64_t>(r) * out_ + first;
      if (some == tile)
        std::copy_n(sums[r].begin(), tile, to);
      else
        std::copy_n(sums[r].begin(), some, to);
    }
  }
}

void Matrix::apply(const double* x, const double* minus, const double* start, double* y) const
{
  apply_some<1>(x, minus, start, y);
}

void Matrix::apply_all(const double* x, std::int64_t count, const double* minus,
                       const double* start, double* y) const
{
  std::int64_t r = 0;
  for (; r + 2 <= count; r += 2) apply_some<2>(x + r * in_, minus, start, y + r * out_);
  if (r < count) apply_some<1>(x + r * in_, minus, start, y + r * out_);
}

}  // namespace cardan::reduction
