#include "values.hpp"

#include <array>
#include <cstddef>
#include <cstring>

// A kernel of a simulation is compiled for its machine; these two are for whichever they meet.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__)
#define BENCH_VECTORS __attribute__((target_clones("avx2", "default")))
#else
#define BENCH_VECTORS
#endif

namespace bench {

namespace {

/// As many sums as keep two vector units busy.
constexpr std::size_t width = 16;

/// Four numbers at once; spelled out, as GCC 12 vectorises the plain loop wrongly.
using Lane = std::uint64_t __attribute__((vector_size(32)));

}  // namespace

std::uint64_t Values::sum(const Part& part) const
{
  const auto count = static_cast<std::uint64_t>(part.count);
  const auto first = static_cast<std::uint64_t>(part.first);
  // One of two neighbours is even.
  const std::uint64_t triangle = count % 2 == 0 ? count / 2 * (count - 1) : (count - 1) / 2 * count;
  return start * count + slope * (first * count + triangle);
}

BENCH_VECTORS void Values::fill(std::span<std::int64_t> data, std::int64_t first) const
{
  const std::uint64_t base = start + slope * static_cast<std::uint64_t>(first);
  std::int64_t* out = data.data();
  const std::size_t count = data.size();
  // Sums instead of products: not every vector unit multiplies 64-bit integers.
  Lane low{base, base + slope, base + 2 * slope, base + 3 * slope};
  Lane high = low + 4 * slope;
  std::size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    std::memcpy(out + i, &low, sizeof low);
    std::memcpy(out + i + 4, &high, sizeof high);
    low += 8 * slope;
    high += 8 * slope;
  }
  for (; i < count; ++i) out[i] = static_cast<std::int64_t>(base + slope * i);
}

std::uint64_t Values::compare(std::span<const std::int64_t> data, const Part& part) const
{
  const std::uint64_t expected = sum(part);
  if (static_cast<std::int64_t>(data.size()) != part.count) return ~expected;
  for (std::int64_t i = 0; i < part.count; ++i)
    if (data[static_cast<std::size_t>(i)] != at(part.first + i)) return ~expected;
  return expected;
}

BENCH_VECTORS std::uint64_t sum_of(std::span<const std::int64_t> data)
{
  std::array<std::uint64_t, width> sums{};
  const std::int64_t* in = data.data();
  const std::size_t count = data.size();
  std::size_t i = 0;
  for (; i + width <= count; i += width)
    for (std::size_t j = 0; j < width; ++j) sums[j] += static_cast<std::uint64_t>(in[i + j]);
  std::uint64_t total = 0;
  for (; i < count; ++i) total += static_cast<std::uint64_t>(in[i]);
  for (const std::uint64_t sum : sums) total += sum;
  return total;
}

}  // namespace bench
