// Fields of any dtype and strides as rows of numbers, and back.
#include "couplers/closure/rows.hpp"
#include "channel/lanes.hpp"

#include <doctest/doctest.h>

#include <cstring>
#include <limits>
#include <numeric>
#include <vector>

using cardan::Dtype;
using cardan::Extents;
using cardan::Field;
using cardan::FieldSpec;
namespace closure = cardan::closure;

namespace {

/// One sample is: 3 numbers of T (2 x 2 of them with a gap, or dense), then one double.
template <class T>
void through_a_lane(bool strided)
{
  constexpr std::int64_t samples = 7;
  const std::vector<FieldSpec> specs{{"a", cardan::dtype_of<T>::value, {samples, 2, 2}, {}},
                                     {"b", Dtype::float64, {samples}, {}}};
  const std::vector<FieldSpec> taken{{"a", cardan::dtype_of<T>::value, {0, 2, 2}, {}},
                                     {"b", Dtype::float64, {0}, {}}};
  cardan::ChannelOptions options;
  options.name = "rows";
  options.depth = 2;
  cardan::channel::Lanes lanes{MPI_COMM_SELF, options, {}, {specs, taken}};

  const Extents strides = strided ? Extents{1, 20, 9} : cardan::row_major({samples, 2, 2});
  std::vector<T> memory(60, T{-1});
  std::vector<double> extra;
  const auto value = [](std::int64_t r, std::int64_t i, std::int64_t j) {
    return static_cast<T>(100 * r + 10 * i + j);
  };
  for (std::int64_t r = 0; r < samples; ++r) {
    for (std::int64_t i = 0; i < 2; ++i)
      for (std::int64_t j = 0; j < 2; ++j)
        memory[static_cast<std::size_t>(r * strides[0] + i * strides[1] + j * strides[2])] =
            value(r, i, j);
    extra.push_back(0.5 + static_cast<double>(r));
  }
  auto& out = lanes.out().front();
  out.put_samples(0, Field{memory.data(), {samples, 2, 2}, strides}, 0, samples);
  out.put_samples(1, Field{extra}, 0, samples);
  cardan::channel::Header header;
  header.count = samples;
  out.publish(header);

  auto& in = lanes.in().front();
  REQUIRE(in.ready());
  REQUIRE(closure::width_of(specs) == 5);
  std::vector<double> rows(5 * samples, -7);
  closure::pack(in, 0, specs, samples, rows.data());
  for (std::int64_t r = 0; r < samples; ++r) {
    const double* row = rows.data() + 5 * r;
    for (std::int64_t e = 0; e < 4; ++e)
      CHECK(row[e] == static_cast<double>(value(r, e / 2, e % 2)));
    CHECK(row[4] == 0.5 + static_cast<double>(r));
  }
  // The second field alone, as a row of one.
  std::vector<double> second(samples);
  closure::pack(in, 1, {specs[1]}, samples, second.data());
  CHECK(second == extra);
  in.release();

  closure::Columns columns{specs, samples};
  columns.unpack(rows.data(), samples);
  const Field a = columns.field(0, samples);
  const Field b = columns.field(1, samples);
  CHECK(a.dtype() == cardan::dtype_of<T>::value);
  CHECK(a.shape() == Extents{samples, 2, 2});
  CHECK(b.shape() == Extents{samples});
  for (std::size_t r = 0; r < extra.size(); ++r)
    CHECK(static_cast<const double*>(b.data())[r] == extra[r]);
  for (std::int64_t r = 0; r < samples; ++r)
    for (std::int64_t e = 0; e < 4; ++e)
      CHECK(static_cast<const T*>(a.data())[4 * r + e] == value(r, e / 2, e % 2));
}

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

TEST_CASE_TEMPLATE("samples come out of a slot as rows, and out of rows as samples", T, float,
                   double, std::int32_t, std::int64_t)
{
  through_a_lane<T>(false);
  through_a_lane<T>(true);
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
