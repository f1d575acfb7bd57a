#include "couplers/closure/interior.hpp"

#include "channel/patch.hpp"

#include <algorithm>

namespace cardan::closure {

namespace {

/// Copies the middle of `count` images, the first of which begins at `from`, `stride` bytes apart.
void crop(const Feature& image, const Feature& middle, std::int64_t halo, std::int64_t element,
          const std::byte* from, std::int64_t from_stride, std::int64_t count, std::byte* to,
          std::int64_t to_stride)
{
  const Extents shape{middle.shape};
  const channel::Patch source = channel::patch_in(Extents{image.shape}, shape, element);
  const channel::Patch target = channel::patch_in(shape, shape, element);
  for (int d = 0; d < shape.rank(); ++d) from += halo * source.strides[d];
  for (std::int64_t r = 0; r < count; ++r)
    channel::copy(source, from + r * from_stride, target, to + r * to_stride);
}

}  // namespace

Interior::Interior(const std::optional<GridSettings>& grid, const Features& samples)
    : samples_(samples), features_(samples), halo_(grid ? grid->halo : 0), grid_(grid.has_value())
{
  for (auto& feature : features_)
    for (auto& extent : feature.shape) extent -= 2 * halo_;
}

Batch Interior::cut(const Batch& samples, Columns& memory) const
{
  if (halo_ == 0) return samples;
  memory.resize(samples.count);
  for (std::size_t f = 0; f < features_.size(); ++f)
    crop(samples_[f], features_[f], halo_, size_of(features_[f].dtype), samples.columns[f],
         samples_[f].bytes(), samples.count, memory.columns()[f], features_[f].bytes());
  return memory.batch();
}

const double* Interior::cut(const double* numbers, std::int64_t count,
                            std::vector<double>& memory) const
{
  if (halo_ == 0 || numbers == nullptr) return numbers;
  constexpr std::int64_t element = sizeof(double);
  const std::int64_t width = numbers_of(samples_);
  const std::int64_t left = numbers_of(features_);
  memory.resize(static_cast<std::size_t>(count * left));
  std::int64_t from = 0;
  std::int64_t to = 0;
  for (std::size_t f = 0; f < features_.size(); ++f) {
    crop(samples_[f], features_[f], halo_, element,
         reinterpret_cast<const std::byte*>(numbers + from), width * element, count,
         reinterpret_cast<std::byte*>(memory.data() + to), left * element);
    from += samples_[f].numbers();
    to += features_[f].numbers();
  }
  return memory.data();
}

void Interior::share(std::vector<double>& range) const
{
  if (!grid_) return;
  auto at = range.begin();
  // Once for the lower ends, once for the upper.
  for (int end = 0; end < 2; ++end)
    for (const auto& feature : samples_) {
      const auto next = at + feature.numbers();
      std::fill(at, next, *std::max_element(at, next));
      at = next;
    }
}

}  // namespace cardan::closure
