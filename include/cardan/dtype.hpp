/// Types of elements. C++17, so that Torch sources can include it.
#pragma once

#include <cstdint>

namespace cardan {

/// Types of elements. A complex array is a real one with a last dimension of two.
enum class Dtype : std::uint8_t {
  float32,
  float64,
  int32,
  int64,
  int8,
  int16,
  uint8,
  uint16,
  uint32,
  uint64
};

/// Size of one element in bytes.
std::int64_t size_of(Dtype dtype) noexcept;
const char* to_string(Dtype dtype) noexcept;

}  // namespace cardan
