/// Whether numbers are finite, several at a time. C++17, so that modules can include it.
#pragma once

#include <cstdint>
#include <cstring>
#include <type_traits>

namespace cardan {

/// Whether none of `count` numbers is infinite or not a number; integers always are. Reads all of
/// them, as bits: only where the exponent is all ones does adding one to it reach the sign.
template <class T>
bool all_finite(const T* numbers, std::int64_t count)
{
  if constexpr (std::is_floating_point_v<T>) {
    static_assert(sizeof(T) == 4 || sizeof(T) == 8);
    using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
    constexpr int mantissa = sizeof(T) == 4 ? 23 : 52;
    constexpr Bits one = Bits{1} << mantissa;
    constexpr Bits sign = Bits{1} << (8 * sizeof(T) - 1);
    constexpr Bits exponent = sign - one;
    Bits any = 0;
    for (std::int64_t i = 0; i < count; ++i) {
      Bits bits;
      std::memcpy(&bits, numbers + i, sizeof bits);
      any |= (bits & exponent) + one;
    }
    return (any & sign) == 0;
  } else {
    return true;
  }
}

}  // namespace cardan
