#include "checkpoint/checksum.hpp"

#include <cstring>

namespace cardan::checkpoint {

namespace {

/// The finaliser of SplitMix64 (Steele, Lea and Flood 2014).
std::uint64_t mix(std::uint64_t x)
{
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31);
}

template <class Bits>
std::uint64_t sum(const std::byte* elements, std::int64_t first, std::int64_t count)
{
  std::uint64_t total = 0;
  std::uint64_t place = static_cast<std::uint64_t>(first) * 0x9E3779B97F4A7C15U + 1;
  for (std::int64_t i = 0; i < count; ++i, place += 0x9E3779B97F4A7C15U) {
    Bits bits;
    std::memcpy(&bits, elements + static_cast<std::size_t>(i) * sizeof(Bits), sizeof(Bits));
    total += mix(place + bits);
  }
  return total;
}

}  // namespace

std::uint64_t checksum(const void* elements, std::int64_t size, std::int64_t first,
                       std::int64_t count)
{
  const auto* bytes = static_cast<const std::byte*>(elements);
  switch (size) {
    case 1: return sum<std::uint8_t>(bytes, first, count);
    case 2: return sum<std::uint16_t>(bytes, first, count);
    case 4: return sum<std::uint32_t>(bytes, first, count);
    default: return sum<std::uint64_t>(bytes, first, count);
  }
}

std::uint64_t checksum(const void* elements, std::int64_t size, const Box& box)
{
  std::uint64_t total = 0;
  for_each_run(box, [&](std::int64_t first, std::int64_t offset, std::int64_t count) {
    total += checksum(static_cast<const std::byte*>(elements) + offset * size, size, first, count);
  });
  return total;
}

}  // namespace cardan::checkpoint
