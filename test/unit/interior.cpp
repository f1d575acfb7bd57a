// What is left of a sample without its halo.
#include "couplers/closure/interior.hpp"

#include "support/rows.hpp"

#include <doctest/doctest.h>

#include <numeric>
#include <vector>

using cardan::Batch;
using cardan::Features;
using cardan::closure::Columns;
using cardan::closure::GridSettings;
using cardan::closure::Interior;

namespace {
/// Two fields of 4 x 5 pixels.
const Features images{{"a", cardan::Dtype::float64, {4, 5}}, {"b", cardan::Dtype::float32, {4, 5}}};
}  // namespace

TEST_CASE("a grid's images lose their halo, and so does what belongs to each number")
{
  const Interior interior{GridSettings{{2, 3}, 1, true}, images};
  CHECK(interior.features()[0].shape == std::vector<std::int64_t>{2, 3});
  std::vector<double> a(40);
  std::vector<float> b(40);
  std::iota(a.begin(), a.end(), 0);
  std::iota(b.begin(), b.end(), 100.0F);
  const std::byte* columns[] = {reinterpret_cast<const std::byte*>(a.data()),
                                reinterpret_cast<const std::byte*>(b.data())};
  Columns memory{interior.features()};
  const Batch middle = interior.cut(Batch{2, columns}, memory);
  REQUIRE(middle.count == 2);
  const auto* left_a = reinterpret_cast<const double*>(middle.columns[0]);
  const auto* left_b = reinterpret_cast<const float*>(middle.columns[1]);
  CHECK(std::vector<double>(left_a, left_a + 12) ==
        std::vector<double>{6, 7, 8, 11, 12, 13, 26, 27, 28, 31, 32, 33});
  CHECK(left_b[0] == 106.0F);
  CHECK(left_b[11] == 133.0F);

  // Numbers of all fields, sample by sample.
  std::vector<double> spread(80);
  std::iota(spread.begin(), spread.end(), 0);
  std::vector<double> kept;
  const double* left = interior.cut(spread.data(), 2, kept);
  CHECK(std::vector<double>(left, left + 24) ==
        std::vector<double>{6,  7,  8,  11, 12, 13, 26, 27, 28, 31, 32, 33,
                            46, 47, 48, 51, 52, 53, 66, 67, 68, 71, 72, 73});
  CHECK(interior.cut(nullptr, 2, kept) == nullptr);
}

TEST_CASE("a field's range on a grid is that of all its pixels")
{
  std::vector<double> range(80, -3);
  range[7] = 1;
  range[21] = 2;
  range[79] = 4;
  const auto before = range;
  Interior{{}, images}.share(range);
  CHECK(range == before);
  Interior{GridSettings{{4, 5}, 0, true}, images}.share(range);
  std::vector<double> expected(80, -3);
  std::fill_n(expected.begin(), 20, 1);
  std::fill_n(expected.begin() + 20, 20, 2);
  std::fill_n(expected.begin() + 60, 20, 4);
  CHECK(range == expected);
}

TEST_CASE("samples without a grid, or without a halo, are looked at where they lie")
{
  std::vector<double> numbers(12);
  const Rows<> rows{numbers, 3};
  const Batch batch = rows;
  Columns memory{{}};
  std::vector<double> kept;
  const Interior all{{}, {{"x", cardan::Dtype::float64, {3}}}};
  CHECK(all.cut(batch, memory).columns == batch.columns);
  CHECK(all.cut(numbers.data(), 4, kept) == numbers.data());
}
