/// From a dtype that is known at run time to the type. C++17, so that modules can include it.
#pragma once

#include <cardan/dtype.hpp>

#include <type_traits>

namespace cardan {

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

/// The C++ type behind what `with_type` gives.
template <class Pointer>
using typed = std::remove_pointer_t<Pointer>;

}  // namespace cardan
