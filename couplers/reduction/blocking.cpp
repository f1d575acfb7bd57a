#include "couplers/reduction/codec.hpp"

#include <cardan/error.hpp>

#include <algorithm>
#include <limits>

namespace cardan::reduction {

Blocking::Blocking(const ReductionField& field, const std::vector<std::int64_t>& edges)
{
  const std::size_t leading = field.components ? 1 : 0;
  const std::size_t dimensions = field.shape.size() - std::min(leading, field.shape.size());
  if (dimensions < 1 || dimensions > 3)
    throw Error{"field '" + field.name + "' cannot be cut into blocks",
                "it has " + std::to_string(dimensions) + " grid dimensions", "One to three can."};
  if (edges.size() != dimensions)
    throw Error{"field '" + field.name + "' cannot be cut into blocks",
                std::to_string(edges.size()) + " edges for " + std::to_string(dimensions) +
                    " grid dimensions"};
  if (field.components) components_ = field.shape[0];
  for (std::size_t d = 0; d < dimensions; ++d) {
    const std::int64_t extent = field.shape[leading + d];
    if (extent < 1 || components_ < 1 || edges[d] < 1)
      throw Error{"field '" + field.name + "' cannot be cut into blocks",
                  "its extents and the edges of a block must be positive"};
    extents_[3 - dimensions + d] = extent;
    edges_[3 - dimensions + d] =
        std::min({edges[d], extent, std::int64_t{std::numeric_limits<std::int32_t>::max()}});
  }
  const auto [ez, ey, ex] = edges_;
  const auto [nz, ny, nx] = extents_;
  numbers_ = components_ * ez * ey * ex;
  field_numbers_ = components_ * nz * ny * nx;
  for (std::int64_t z = 0; z < nz; z += ez)
    for (std::int64_t y = 0; y < ny; y += ey)
      for (std::int64_t x = 0; x < nx; x += ex) {
        ++count_;
        for (std::int64_t c = 0; c < components_; ++c)
          for (std::int64_t k = z; k < z + ez; ++k)
            for (std::int64_t j = y; j < y + ey; ++j)
              runs_.push_back({((c * nz + std::min(k, nz - 1)) * ny + std::min(j, ny - 1)) * nx + x,
                               static_cast<std::int32_t>(std::min(ex, nx - x)), k < nz && j < ny});
      }
}

void Blocking::cut(const double* field, std::int64_t block, double* numbers) const
{
  const std::int64_t width = edges_[2];
  const std::int64_t height = numbers_ / width;
  const Run* run = runs_.data() + block * height;
  for (const Run* const end = run + height; run != end; ++run, numbers += width) {
    const double* const from = field + run->first;
    std::copy_n(from, run->length, numbers);
    std::fill(numbers + run->length, numbers + width, from[run->length - 1]);
  }
}

void Blocking::join(const double* numbers, std::int64_t block, double* field) const
{
  const std::int64_t width = edges_[2];
  const std::int64_t height = numbers_ / width;
  const Run* run = runs_.data() + block * height;
  for (const Run* const end = run + height; run != end; ++run, numbers += width)
    if (run->own) std::copy_n(numbers, run->length, field + run->first);
}

void Blocking::cut(const double* field, double* blocks) const
{
  for (std::int64_t b = 0; b < count_; ++b) cut(field, b, blocks + b * numbers_);
}

void Blocking::join(const double* blocks, double* field) const
{
  for (std::int64_t b = 0; b < count_; ++b) join(blocks + b * numbers_, b, field);
}

std::vector<std::int64_t> Blocking::indices() const
{
  std::vector<std::int64_t> all;
  all.reserve(static_cast<std::size_t>(count_ * numbers_));
  for (const Run& run : runs_)
    for (std::int64_t i = 0; i < edges_[2]; ++i)
      all.push_back(run.own && i < run.length ? run.first + i : -1);
  return all;
}

}  // namespace cardan::reduction
