#include "checkpoint/rounding.hpp"

#include <cmath>

namespace cardan::checkpoint {

namespace {

// Division by a power of two is exact, and so is the product unless it leaves the format's range:
// such a value stays.
template <class Float>
void round_all(double bound, std::int64_t count, Float* values)
{
  int exponent = 0;
  // bound = m * 2^exponent with m in [0.5, 1): a step of 2^exponent moves a value by at most half
  // of that, which is at most the bound.
  std::frexp(bound, &exponent);
  const double step = std::ldexp(1.0, exponent);
  for (std::int64_t i = 0; i < count; ++i) {
    const double value = static_cast<double>(values[i]);
    const auto rounded = static_cast<Float>(std::nearbyint(value / step) * step);
    if (std::abs(static_cast<double>(rounded) - value) <= bound) values[i] = rounded;
  }
}

}  // namespace

void round_within(double bound, Dtype dtype, std::int64_t count, void* values)
{
  if (!(bound > 0) || !std::isfinite(bound)) return;
  if (dtype == Dtype::float32) round_all(bound, count, static_cast<float*>(values));
  if (dtype == Dtype::float64) round_all(bound, count, static_cast<double*>(values));
}

}  // namespace cardan::checkpoint
