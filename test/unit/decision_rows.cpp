// Fields as rows: samples of batches and cells of boxes, of any strides, there and back.
#include "provenance/rows.hpp"

#include <doctest/doctest.h>

#include <cstring>
#include <numeric>
#include <vector>

using cardan::Box;
using cardan::Field;
using cardan::provenance::Rows;

namespace {

/// Rows [first, first + count) of a field of doubles.
std::vector<double> copied(const Field& field, std::int64_t first, std::int64_t count)
{
  const Rows rows{field};
  std::vector<double> dense(static_cast<std::size_t>(count * rows.bytes()) / sizeof(double));
  rows.copy(first, count, reinterpret_cast<std::byte*>(dense.data()));
  return dense;
}

}  // namespace

TEST_CASE("a batch's rows are its samples")
{
  std::vector<double> data(24);
  std::iota(data.begin(), data.end(), 0.0);
  const Field dense{data.data(), {4, 2, 3}};
  CHECK(Rows{dense}.count() == 4);
  CHECK(Rows{dense}.shape() == std::vector<std::int64_t>{2, 3});
  CHECK(copied(dense, 1, 2) == std::vector<double>(data.begin() + 6, data.begin() + 18));
  // Sample last in memory, and the other way round.
  const Field across{data.data(), {4, 2, 3}, {1, 12, 4}};
  CHECK(copied(across, 3, 1) == std::vector<double>{3, 7, 11, 15, 19, 23});
  const Field backwards{data.data() + 18, {4, 2, 3}, {-6, 3, 1}};
  CHECK(copied(backwards, 0, 1) == std::vector<double>(data.begin() + 18, data.end()));
}

TEST_CASE("a box's rows are its cells, row by row")
{
  std::vector<double> data(12);
  std::iota(data.begin(), data.end(), 0.0);
  const Field columns = Field{data.data(), {3, 4}, {1, 3}}.in(Box{{6, 4}, {3, 0}, {3, 4}});
  CHECK(Rows{columns}.count() == 12);
  CHECK(Rows{columns}.shape().empty());
  CHECK(copied(columns, 3, 3) == std::vector<double>{9, 1, 4});
}

TEST_CASE("rows go back to where they were, and nowhere else")
{
  std::vector<double> data(12, -1);
  const Field across{data.data(), {4, 2}, {1, 6}};
  const std::vector<double> rows{10, 11, 20, 21};
  Rows{across}.store(reinterpret_cast<const std::byte*>(rows.data()), 1, 2);
  CHECK(data == std::vector<double>{-1, 10, 20, -1, -1, -1, -1, 11, 21, -1, -1, -1});
}
