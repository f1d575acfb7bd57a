#include <cardan/dtype.hpp>

namespace cardan {

std::int64_t size_of(Dtype dtype) noexcept
{
  switch (dtype) {
    case Dtype::int8:
    case Dtype::uint8: return 1;
    case Dtype::int16:
    case Dtype::uint16: return 2;
    case Dtype::float32:
    case Dtype::int32:
    case Dtype::uint32: return 4;
    case Dtype::float64:
    case Dtype::int64:
    case Dtype::uint64: return 8;
  }
  return 0;
}

const char* to_string(Dtype dtype) noexcept
{
  switch (dtype) {
    case Dtype::float32: return "float32";
    case Dtype::float64: return "float64";
    case Dtype::int32: return "int32";
    case Dtype::int64: return "int64";
    case Dtype::int8: return "int8";
    case Dtype::int16: return "int16";
    case Dtype::uint8: return "uint8";
    case Dtype::uint16: return "uint16";
    case Dtype::uint32: return "uint32";
    case Dtype::uint64: return "uint64";
  }
  return "unknown";
}

}  // namespace cardan
