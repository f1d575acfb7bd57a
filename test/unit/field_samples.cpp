// Samples inside the fields of a simulation.
#include "couplers/closure/field_samples.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <numeric>
#include <vector>

using cardan::Extents;
using cardan::Field;
namespace closure = cardan::closure;

namespace {

template <class T>
void store_in(const Extents& strides, std::size_t size, std::int64_t base = 0)
{
  // Samples 2 and 3 of five, each 2 x 3.
  std::vector<T> dense(12);
  std::iota(dense.begin(), dense.end(), T{1});
  std::vector<T> memory(size, T{0});
  const Field field{memory.data() + base, {5, 2, 3}, strides};
  closure::store(reinterpret_cast<const std::byte*>(dense.data()), field, 2, 2);
  std::vector<T> expected(size, T{0});
  for (std::int64_t r = 0; r < 2; ++r)
    for (std::int64_t i = 0; i < 2; ++i)
      for (std::int64_t j = 0; j < 3; ++j)
        expected[static_cast<std::size_t>(base + (r + 2) * strides[0] + i * strides[1] +
                                          j * strides[2])] = static_cast<T>(6 * r + 3 * i + j + 1);
  CHECK(memory == expected);
}

template <class T>
void store_all_ways()
{
  store_in<T>(cardan::row_major({5, 2, 3}), 30);
  store_in<T>(cardan::column_major({5, 2, 3}), 30);
  store_in<T>({10, 4, 1}, 50);
  store_in<T>({7, 3, 1}, 40);
  store_in<T>({6, 1, 2}, 30);
  store_in<T>({-6, 3, 1}, 30, 24);
  store_in<T>({-6, -3, -1}, 30, 29);
}

}  // namespace

TEST_CASE("fields of batches are features, without their first extent")
{
  const auto features = closure::features_of(
      {{"a", cardan::Dtype::float32, {7, 2, 3}, {}}, {"b", cardan::Dtype::int64, {7}, {}}});
  REQUIRE(features.size() == 2);
  CHECK(cardan::to_string(features) == "(a float32 [2, 3], b int64 [])");
  CHECK(features[0].bytes() == 24);
  CHECK(features[1].numbers() == 1);
}

TEST_CASE_TEMPLATE("storing touches the samples meant and nothing else", T, float, double,
                   std::int32_t, std::int64_t)
{
  store_all_ways<T>();
}

TEST_CASE("one value a sample is stored too")
{
  const std::vector<double> dense{8, 9};
  std::vector<double> memory(12, 0);
  closure::store(reinterpret_cast<const std::byte*>(dense.data()), Field{memory.data(), {4}, {3}},
                 1, 2);
  CHECK(memory == std::vector<double>{0, 0, 0, 8, 0, 0, 9, 0, 0, 0, 0, 0});
}

TEST_CASE("storing into what the simulation gave as const is refused")
{
  const std::vector<double> memory(2);
  const double value = 1;
  CHECK_THROWS_AS(closure::store(reinterpret_cast<const std::byte*>(&value), Field{memory}, 0, 1),
                  cardan::Error);
}

TEST_CASE_TEMPLATE("not-a-numbers and infinities are found in the sample that has them", T, float,
                   double)
{
  for (const T bad : {std::numeric_limits<T>::quiet_NaN(), std::numeric_limits<T>::infinity(),
                      -std::numeric_limits<T>::infinity()}) {
    // Samples of 2 x 3 with a margin behind each row: what lies in the margin is nobody's.
    std::vector<T> memory(4 * 10, T{1});
    const Field field{memory.data(), {4, 2, 3}, {10, 5, 1}};
    for (std::size_t r = 0; r < 4; ++r) memory[10 * r + 4] = bad;
    for (std::int64_t r = 0; r < 4; ++r) CHECK(closure::finite(field, r));
    memory[10 * 2 + 5 + 1] = bad;
    for (std::int64_t r = 0; r < 4; ++r) CHECK(closure::finite(field, r) == (r != 2));
  }
}

TEST_CASE("integers are always numbers, and so are the largest doubles")
{
  const std::vector<std::int32_t> integers(3, -1);
  CHECK(closure::finite(Field{integers}, 1));
  const std::vector<double> doubles{std::numeric_limits<double>::max(),
                                    std::numeric_limits<double>::denorm_min()};
  CHECK(closure::finite(Field{doubles}, 0));
  CHECK(closure::finite(Field{doubles}, 1));
}
