/// What each element of a test's arrays holds: a number that follows from where it belongs.
#pragma once

#include <cardan/field.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace test {

using cardan::Box;
using cardan::Dtype;
using cardan::Extents;
using cardan::Field;

inline constexpr std::array<Dtype, 10> all_dtypes{
    Dtype::float32, Dtype::float64, Dtype::int32,  Dtype::int64,  Dtype::int8,
    Dtype::int16,   Dtype::uint8,   Dtype::uint16, Dtype::uint32, Dtype::uint64};

/// The bytes of one element; zero unless made from a key.
struct Value {
  std::array<std::byte, 8> bytes{};
};

inline std::uint64_t mixed(std::uint64_t x)
{
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

/// A key of the field's number, the step and the place.
inline std::uint64_t key_of(std::size_t field, std::int64_t step, std::int64_t place)
{
  return mixed(mixed(mixed(field) + static_cast<std::uint64_t>(step)) +
               static_cast<std::uint64_t>(place));
}

/// A key as an element of `dtype`; floating-point ones are finite.
inline Value value_of(Dtype dtype, std::uint64_t key)
{
  Value value;
  if (dtype == Dtype::float64) {
    const double number = static_cast<double>(key >> 12) * 0.5;
    std::memcpy(value.bytes.data(), &number, sizeof number);
  } else if (dtype == Dtype::float32) {
    const float number = static_cast<float>(key >> 41) * 0.5F;
    std::memcpy(value.bytes.data(), &number, sizeof number);
  } else {
    std::memcpy(value.bytes.data(), &key, static_cast<std::size_t>(cardan::size_of(dtype)));
  }
  return value;
}

/// Calls `visit(index)` for every index below `count`, the last dimension varying fastest.
template <class Visit>
void for_each_index(const Extents& count, Visit&& visit)
{
  if (count.product() == 0) return;
  Extents index = Extents::filled(count.rank(), 0);
  for (;;) {
    visit(static_cast<const Extents&>(index));
    int d = count.rank() - 1;
    while (d >= 0 && ++index[d] == count[d]) index[d--] = 0;
    if (d < 0) return;
  }
}

inline std::int64_t dot(const Extents& index, const Extents& strides)
{
  std::int64_t sum = 0;
  for (int d = 0; d < index.rank(); ++d) sum += index[d] * strides[d];
  return sum;
}

inline Extents sum(const Extents& a, const Extents& b)
{
  Extents both = a;
  for (int d = 0; d < a.rank(); ++d) both[d] += b[d];
  return both;
}

inline void write(const Field& field, const Extents& index, const Value& value)
{
  const auto size = cardan::size_of(field.dtype());
  std::memcpy(static_cast<std::byte*>(field.writable()) + dot(index, field.strides()) * size,
              value.bytes.data(), static_cast<std::size_t>(size));
}

inline bool holds(const Field& field, const Extents& index, const Value& value)
{
  const auto size = cardan::size_of(field.dtype());
  return std::memcmp(
             static_cast<const std::byte*>(field.data()) + dot(index, field.strides()) * size,
             value.bytes.data(), static_cast<std::size_t>(size)) == 0;
}

inline bool contains(const Box& box, const Extents& place)
{
  for (int d = 0; d < place.rank(); ++d)
    if (place[d] < box.offset[d] || place[d] >= box.offset[d] + box.count[d]) return false;
  return true;
}

}  // namespace test
