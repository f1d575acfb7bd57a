/// Fields: named, typed arrays as the simulation holds them; never owned, never copied to be
/// described.
#pragma once

#include <cardan/box.hpp>
#include <cardan/dtype.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

namespace cardan {

template <class T>
struct dtype_of;
template <>
struct dtype_of<float> {
  static constexpr Dtype value = Dtype::float32;
};
template <>
struct dtype_of<double> {
  static constexpr Dtype value = Dtype::float64;
};
template <>
struct dtype_of<std::int32_t> {
  static constexpr Dtype value = Dtype::int32;
};
template <>
struct dtype_of<std::int64_t> {
  static constexpr Dtype value = Dtype::int64;
};
template <>
struct dtype_of<std::int8_t> {
  static constexpr Dtype value = Dtype::int8;
};
template <>
struct dtype_of<std::int16_t> {
  static constexpr Dtype value = Dtype::int16;
};
template <>
struct dtype_of<std::uint8_t> {
  static constexpr Dtype value = Dtype::uint8;
};
template <>
struct dtype_of<std::uint16_t> {
  static constexpr Dtype value = Dtype::uint16;
};
template <>
struct dtype_of<std::uint32_t> {
  static constexpr Dtype value = Dtype::uint32;
};
template <>
struct dtype_of<std::uint64_t> {
  static constexpr Dtype value = Dtype::uint64;
};

/// An element type that a field can have; const where the field is only read.
template <class T>
concept Element = requires
{
  dtype_of<std::remove_const_t<T>>::value;
};

/// A view of an array: data, dtype, shape and strides (in elements). Without a box it is a batch:
/// its first dimension counts samples and may be cut anywhere. Whoever made the array owns it.
class Field {
 public:
  /// `shape` of a dense array in row-major order.
  template <Element T>
  Field(T* data, const Extents& shape) : Field(data, shape, row_major(shape))
  {}
  /// Any strides, in elements; negative ones too.
  template <Element T>
  Field(T* data, const Extents& shape, const Extents& strides)
      : Field(data, dtype_of<std::remove_const_t<T>>::value, std::is_const_v<T>, shape, strides)
  {}
  /// One value for each sample.
  template <Element T>
  Field(std::span<T> data) : Field(data.data(), {static_cast<std::int64_t>(data.size())})
  {}
  /// A dense row-major array in a span; throws unless `shape` has as many elements.
  template <Element T>
  Field(std::span<T> data, const Extents& shape) : Field(data.data(), shape)
  {
    expect_elements(static_cast<std::int64_t>(data.size()));
  }
  template <Element T>
  Field(std::vector<T>& data) : Field(std::span<T>(data))
  {}
  template <Element T>
  Field(const std::vector<T>& data) : Field(std::span<const T>(data))
  {}
  template <Element T>
  Field(std::vector<T>& data, const Extents& shape) : Field(std::span<T>(data), shape)
  {}
  /// From parts whose types are known at run time only.
  Field(const void* data, Dtype dtype, bool read_only, const Extents& shape,
        const Extents& strides);

  /// The same array as a part of a global one; throws unless `box.count` is the field's shape.
  [[nodiscard]] Field in(const Box& box) const;
  /// The same array with its dimensions in another order, and its box with it: dimension i is this
  /// one's dimension `order[i]`. Throws unless each is named once.
  [[nodiscard]] Field permuted(const Extents& order) const;

  [[nodiscard]] const void* data() const noexcept { return data_; }
  /// Throws where the field was made from const data.
  [[nodiscard]] void* writable() const;
  [[nodiscard]] Dtype dtype() const noexcept { return dtype_; }
  [[nodiscard]] const Extents& shape() const noexcept { return shape_; }
  [[nodiscard]] const Extents& strides() const noexcept { return strides_; }
  [[nodiscard]] const std::optional<Box>& box() const noexcept { return box_; }
  /// Samples of a batch: its first dimension, or 1 for rank 0.
  [[nodiscard]] std::int64_t samples() const noexcept { return shape_.rank() ? shape_[0] : 1; }
  /// The same shape and strides elsewhere in memory.
  void move_to(const void* data) noexcept { data_ = data; }
  /// True where the elements lie without gaps in row-major order.
  [[nodiscard]] bool dense() const noexcept;
  /// Throws unless the elements are of `dtype` and lie without gaps, in row- or column-major order.
  void expect_dense(Dtype dtype) const;

 private:
  void expect_elements(std::int64_t count) const;

  const void* data_;
  Extents shape_;
  Extents strides_;
  std::optional<Box> box_;
  Dtype dtype_;
  bool read_only_;
};

/// A field and the name that the run file knows it by; the name's owner keeps it.
struct NamedField {
  std::string_view name;
  Field field;
};

}  // namespace cardan
