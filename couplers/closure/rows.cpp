#include "couplers/closure/rows.hpp"

#include <cmath>
#include <cstring>

namespace cardan::closure {

namespace {

/// Calls `work` with a null pointer of the dtype's C++ type.
template <class Work>
void with_type(Dtype dtype, Work&& work)
{
  switch (dtype) {
    case Dtype::float32: return work(static_cast<float*>(nullptr));
    case Dtype::float64: return work(static_cast<double*>(nullptr));
    case Dtype::int32: return work(static_cast<std::int32_t*>(nullptr));
    case Dtype::int64: return work(static_cast<std::int64_t*>(nullptr));
    case Dtype::int8: return work(static_cast<std::int8_t*>(nullptr));
    case Dtype::int16: return work(static_cast<std::int16_t*>(nullptr));
    case Dtype::uint8: return work(static_cast<std::uint8_t*>(nullptr));
    case Dtype::uint16: return work(static_cast<std::uint16_t*>(nullptr));
    case Dtype::uint32: return work(static_cast<std::uint32_t*>(nullptr));
    case Dtype::uint64: return work(static_cast<std::uint64_t*>(nullptr));
  }
}

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

std::int64_t sample_elements(const FieldSpec& field)
{
  return field.shape.tail().product();
}

}  // namespace

std::int64_t width_of(const std::vector<FieldSpec>& fields)
{
  std::int64_t width = 0;
  for (const auto& field : fields) width += sample_elements(field);
  return width;
}

void pack(const channel::InLane& lane, std::size_t first_part, const std::vector<FieldSpec>& fields,
          std::int64_t count, double* rows)
{
  const std::int64_t width = width_of(fields);
  std::int64_t column = 0;
  for (std::size_t f = 0; f < fields.size(); ++f) {
    const std::int64_t elements = sample_elements(fields[f]);
    with_type(fields[f].dtype, [&](auto* type) {
      using T = std::remove_pointer_t<decltype(type)>;
      const auto* data = reinterpret_cast<const T*>(lane.data(first_part + f));
      for (std::int64_t r = 0; r < count; ++r)
        for (std::int64_t e = 0; e < elements; ++e)
          rows[r * width + column + e] = static_cast<double>(data[r * elements + e]);
    });
    column += elements;
  }
}

Columns::Columns(const std::vector<FieldSpec>& fields, std::int64_t capacity) : fields_(fields)
{
  for (const auto& field : fields)
    data_.emplace_back(
        static_cast<std::size_t>(capacity * sample_elements(field) * size_of(field.dtype)));
}

void Columns::unpack(const double* rows, std::int64_t count)
{
  const std::int64_t width = width_of(fields_);
  std::int64_t column = 0;
  for (std::size_t f = 0; f < fields_.size(); ++f) {
    const std::int64_t elements = sample_elements(fields_[f]);
    with_type(fields_[f].dtype, [&](auto* type) {
      using T = std::remove_pointer_t<decltype(type)>;
      auto* data = reinterpret_cast<T*>(data_[f].data());
      for (std::int64_t r = 0; r < count; ++r)
        for (std::int64_t e = 0; e < elements; ++e)
          data[r * elements + e] = static_cast<T>(rows[r * width + column + e]);
    });
    column += elements;
  }
}

Field Columns::field(std::size_t i, std::int64_t count) const
{
  Extents shape = fields_[i].shape;
  if (shape.rank() > 0) shape[0] = count;
  return {data_[i].data(), fields_[i].dtype, true, shape, row_major(shape)};
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

}  // namespace cardan::closure
