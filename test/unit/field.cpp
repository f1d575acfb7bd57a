#include <cardan/error.hpp>
#include <cardan/field.hpp>

#include <doctest/doctest.h>

#include <array>

using cardan::Dtype;
using cardan::Extents;
using cardan::Field;

TEST_CASE("a field is what it was made from")
{
  std::vector<double> values(12);
  const Field flat{values};
  CHECK(flat.dtype() == Dtype::float64);
  CHECK(flat.shape() == Extents{12});
  CHECK(flat.data() == values.data());
  CHECK(flat.writable() == values.data());

  const Field table{std::span(values), {4, 3}};
  CHECK(table.samples() == 4);
  CHECK(table.strides() == Extents{3, 1});
  CHECK(table.dense());

  std::array<std::int32_t, 6> integers{};
  const Field columns{integers.data(), {2, 3}, {1, 2}};
  CHECK(columns.dtype() == Dtype::int32);
  CHECK_FALSE(columns.dense());
}

TEST_CASE("const data is not written")
{
  const std::vector<float> values(3);
  const Field field{values};
  CHECK(field.dtype() == Dtype::float32);
  CHECK_THROWS_AS(static_cast<void>(field.writable()), cardan::Error);
}

TEST_CASE("a box counts what the field has")
{
  std::vector<std::int64_t> values(6);
  const Field field{std::span(values), {2, 3}};
  CHECK(field.in({{4, 3}, {2, 0}, {2, 3}}).box()->offset == Extents{2, 0});
  CHECK_THROWS_WITH_AS(static_cast<void>(field.in({{4, 3}, {2, 0}, {2, 2}})),
                       "a field has shape (2, 3) but its box counts (2, 2) (they must be equal)",
                       cardan::Error);
}

TEST_CASE("shapes that do not fit their data are refused")
{
  std::vector<double> values(5);
  CHECK_THROWS_AS((Field{std::span(values), {2, 3}}), cardan::Error);
  CHECK_THROWS_AS((Field{values.data(), {-1}}), cardan::Error);
  CHECK_THROWS_AS((Field{static_cast<double*>(nullptr), {2}}), cardan::Error);
  CHECK_NOTHROW(Field{static_cast<double*>(nullptr), {0, 3}});
}
