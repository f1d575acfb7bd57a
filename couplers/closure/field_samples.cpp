#include "couplers/closure/field_samples.hpp"

#include "channel/patch.hpp"
#include "support/finite.hpp"
#include "support/typed.hpp"

#include <cmath>
#include <cstring>

namespace cardan::closure {

namespace {

template <class T>
bool finite_values(const std::byte* at, const Extents& shape, const Extents& strides, int dimension)
{
  if (dimension == shape.rank()) {
    T value{};
    std::memcpy(&value, at, sizeof value);
    return std::isfinite(static_cast<double>(value));
  }
  for (std::int64_t i = 0; i < shape[dimension]; ++i)
    if (!finite_values<T>(at + i * strides[dimension] * static_cast<std::int64_t>(sizeof(T)), shape,
                          strides, dimension + 1))
      return false;
  return true;
}

}  // namespace

Features features_of(const std::vector<FieldSpec>& fields)
{
  Features features;
  for (const auto& field : fields) {
    const Extents sample = field.shape.tail();
    Feature feature{field.name, field.dtype, {}};
    for (int d = 0; d < sample.rank(); ++d) feature.shape.push_back(sample[d]);
    features.push_back(std::move(feature));
  }
  return features;
}

void store(const std::byte* dense, const Field& field, std::int64_t first, std::int64_t count)
{
  const channel::Patch to = channel::patch_of(field, true);
  const channel::Patch from = channel::patch_in(to.count, to.count, to.element);
  const std::int64_t step = field.strides()[0] * to.element;
  auto* target = static_cast<std::byte*>(field.writable()) + first * step;
  if (to.dense() && step == from.bytes()) {
    std::memcpy(target, dense, static_cast<std::size_t>(count * step));
    return;
  }
  for (std::int64_t r = 0; r < count; ++r)
    channel::copy(from, dense + r * from.bytes(), to, target + r * step);
}

bool finite(const Field& field, std::int64_t sample)
{
  if (field.dtype() != Dtype::float32 && field.dtype() != Dtype::float64) return true;
  const auto* at = static_cast<const std::byte*>(field.data()) +
                   sample * field.strides()[0] * size_of(field.dtype());
  const Extents shape = field.shape().tail();
  const Extents strides = field.strides().tail();
  return field.dtype() == Dtype::float32 ? finite_values<float>(at, shape, strides, 0)
                                         : finite_values<double>(at, shape, strides, 0);
}

bool finite(const Field& field)
{
  bool all = true;
  if (field.dense()) {
    with_type(field.dtype(), [&](auto* type) {
      all = all_finite(static_cast<const typed<decltype(type)>*>(field.data()),
                       field.shape().product());
    });
    return all;
  }
  for (std::int64_t i = 0; all && i < field.samples(); ++i) all = finite(field, i);
  return all;
}

}  // namespace cardan::closure
