#include "baselines/columns.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>
#include <utility>

namespace cardan::baselines {

namespace {

/// Calls `work` with a value of the dtype's C++ type.
template <class Work>
void with_type(Dtype dtype, Work&& work)
{
  switch (dtype) {
    case Dtype::float32: return work(float{});
    case Dtype::float64: return work(double{});
    case Dtype::int32: return work(std::int32_t{});
    case Dtype::int64: return work(std::int64_t{});
    case Dtype::int8: return work(std::int8_t{});
    case Dtype::int16: return work(std::int16_t{});
    case Dtype::uint8: return work(std::uint8_t{});
    case Dtype::uint16: return work(std::uint16_t{});
    case Dtype::uint32: return work(std::uint32_t{});
    case Dtype::uint64: return work(std::uint64_t{});
  }
}

// The largest integers of 64 bits are no doubles: comparing before converting keeps both ends.
template <class T>
T converted(double value)
{
  if constexpr (std::is_floating_point_v<T>) {
    return static_cast<T>(value);
  } else {
    if (std::isnan(value)) return T{0};
    constexpr T low = std::numeric_limits<T>::min();
    constexpr T high = std::numeric_limits<T>::max();
    const double nearest = std::nearbyint(value);
    if (nearest <= static_cast<double>(low)) return low;
    if (nearest >= static_cast<double>(high)) return high;
    return static_cast<T>(nearest);
  }
}

bool all_finite(const double* values, std::int64_t count)
{
  return std::all_of(values, values + count, [](double value) { return std::isfinite(value); });
}

}  // namespace

Columns::Columns(Features features) : features_(std::move(features)), width_(0)
{
  for (const auto& feature : features_) width_ += feature.numbers();
}

void Columns::read(const std::byte* const* columns, std::int64_t first, std::int64_t count,
                   double* rows) const
{
  for (std::size_t f = 0; f < features_.size(); ++f) {
    const std::int64_t numbers = features_[f].numbers();
    with_type(features_[f].dtype, [&](auto type) {
      const auto* from = reinterpret_cast<const decltype(type)*>(columns[f]) + first * numbers;
      for (std::int64_t r = 0; r < count; ++r)
        for (std::int64_t i = 0; i < numbers; ++i)
          rows[r * width_ + i] = static_cast<double>(from[r * numbers + i]);
    });
    rows += numbers;
  }
}

void Columns::write(const double* rows, std::int64_t first, std::int64_t count,
                    std::byte* const* columns) const
{
  for (std::size_t f = 0; f < features_.size(); ++f) {
    const std::int64_t numbers = features_[f].numbers();
    with_type(features_[f].dtype, [&](auto type) {
      auto* to = reinterpret_cast<decltype(type)*>(columns[f]) + first * numbers;
      for (std::int64_t r = 0; r < count; ++r)
        for (std::int64_t i = 0; i < numbers; ++i)
          to[r * numbers + i] = converted<decltype(type)>(rows[r * width_ + i]);
    });
    rows += numbers;
  }
}

void read_finite(const Columns& inputs, const Columns& outputs, const Batch& x, const Batch& y,
                 Pairs& pairs)
{
  const std::int64_t p = inputs.width();
  const std::int64_t m = outputs.width();
  pairs.inputs.resize(static_cast<std::size_t>(x.count * p));
  pairs.targets.resize(static_cast<std::size_t>(x.count * m));
  pairs.count = 0;
  if (x.count == 0) return;
  inputs.read(x.columns, 0, x.count, pairs.inputs.data());
  outputs.read(y.columns, 0, x.count, pairs.targets.data());
  for (std::int64_t r = 0; r < x.count; ++r) {
    const double* input = pairs.inputs.data() + r * p;
    const double* target = pairs.targets.data() + r * m;
    if (!all_finite(input, p) || !all_finite(target, m)) continue;
    if (pairs.count < r) {
      std::copy_n(input, p, pairs.inputs.data() + pairs.count * p);
      std::copy_n(target, m, pairs.targets.data() + pairs.count * m);
    }
    ++pairs.count;
  }
}

}  // namespace cardan::baselines
