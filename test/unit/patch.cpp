// The strided copy against one that is too simple to be wrong, over random shapes, orders and
// strides.
#include "channel/patch.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <numeric>
#include <random>
#include <string>
#include <vector>

using cardan::Extents;
using cardan::channel::Patch;

namespace {

using Random = std::mt19937;

std::int64_t draw(Random& random, std::int64_t low, std::int64_t high)
{
  return std::uniform_int_distribution<std::int64_t>{low, high}(random);
}

/// A pattern and memory for it: any order of dimensions, gaps between them, negative strides.
struct Array {
  Patch patch;
  std::vector<std::byte> memory;
  std::int64_t begin = 0;
};

Array lay_out(Random& random, const Extents& count, std::int64_t element)
{
  Array array;
  array.patch = {element, count, count};
  std::vector<int> order(static_cast<std::size_t>(count.rank()));
  std::iota(order.begin(), order.end(), 0);
  // Half of the time the usual order, so that runs and merged loops are met as well.
  if (draw(random, 0, 1) == 0) std::shuffle(order.begin(), order.end(), random);
  const bool gaps = draw(random, 0, 1) == 0;
  std::int64_t step = element;
  for (auto i = order.rbegin(); i != order.rend(); ++i) {
    if (gaps) step += element * draw(random, 0, 2);
    const bool backwards = draw(random, 0, 5) == 0;
    array.patch.strides[*i] = backwards ? -step : step;
    const std::int64_t length = std::max<std::int64_t>(1, count[*i]) * step;
    if (backwards) array.begin += length - step;
    step = length;
  }
  array.memory.resize(static_cast<std::size_t>(step + element));
  for (auto& byte : array.memory) byte = static_cast<std::byte>(draw(random, 0, 255));
  return array;
}

std::int64_t offset_of(const Patch& patch, const Extents& index)
{
  std::int64_t offset = 0;
  for (int i = 0; i < index.rank(); ++i) offset += index[i] * patch.strides[i];
  return offset;
}

/// Element by element, in the order of a counter.
void copy_simply(const Array& from, Array& to)
{
  const std::int64_t elements = from.patch.count.product();
  for (std::int64_t n = 0; n < elements; ++n) {
    Extents index = Extents::filled(from.patch.count.rank(), 0);
    std::int64_t rest = n;
    for (int i = index.rank() - 1; i >= 0; --i) {
      index[i] = rest % from.patch.count[i];
      rest /= from.patch.count[i];
    }
    std::memcpy(to.memory.data() + to.begin + offset_of(to.patch, index),
                from.memory.data() + from.begin + offset_of(from.patch, index),
                static_cast<std::size_t>(from.patch.element));
  }
}

}  // namespace

TEST_CASE("any copy is the simple copy, and writes nothing else")
{
  Random random{20240607};
  int empty = 0;
  for (int trial = 0; trial < 600; ++trial) {
    Extents count = Extents::filled(static_cast<int>(draw(random, 0, 5)), 1);
    for (int i = 0; i < count.rank(); ++i)
      count[i] = draw(random, draw(random, 0, 9) == 0 ? 0 : 1, 5);
    const std::int64_t element = draw(random, 0, 1) == 0 ? 4 : 8;
    const Array from = lay_out(random, count, element);
    Array to = lay_out(random, count, element);
    Array expected = to;
    copy_simply(from, expected);
    cardan::channel::copy(from.patch, from.memory.data() + from.begin, to.patch,
                          to.memory.data() + to.begin);
    CAPTURE(trial);
    CAPTURE(cardan::to_string(count));
    CAPTURE(cardan::to_string(from.patch.strides));
    CAPTURE(cardan::to_string(to.patch.strides));
    REQUIRE(to.memory == expected.memory);
    empty += count.product() == 0 ? 1 : 0;
  }
  // The cases are not all of one sort.
  CHECK(empty > 10);
  CHECK(empty < 300);
}

TEST_CASE("dense is what lies without gaps in row-major order")
{
  const auto patch = [](const Extents& count, const Extents& strides) {
    return Patch{8, count, strides};
  };
  CHECK(patch({2, 3}, {24, 8}).dense());
  CHECK_FALSE(patch({2, 3}, {8, 16}).dense());
  CHECK_FALSE(patch({2, 3}, {32, 8}).dense());
  CHECK_FALSE(patch({3}, {-8}).dense());
  // The stride of a single row means nothing.
  CHECK(patch({1, 3}, {999, 8}).dense());
  CHECK(patch({2, 1}, {8, 999}).dense());
  CHECK(patch({}, {}).dense());
}

TEST_CASE("a field's pattern is in bytes; that of a batch is one sample's")
{
  std::vector<double> values(24);
  const cardan::Field field{values.data(), {2, 3, 4}, {1, 2, 6}};
  CHECK(cardan::channel::patch_of(field, false).count == Extents{2, 3, 4});
  CHECK(cardan::channel::patch_of(field, false).strides == Extents{8, 16, 48});
  CHECK(cardan::channel::patch_of(field, true).count == Extents{3, 4});
  CHECK(cardan::channel::patch_of(field, true).strides == Extents{16, 48});
  CHECK(cardan::channel::patch_of(field, true).bytes() == 96);
  const auto part = cardan::channel::patch_in({5, 6}, {2, 3}, 4);
  CHECK(part.count == Extents{2, 3});
  CHECK(part.strides == Extents{24, 4});
}
