// Fields cut into blocks and joined again.
#include "couplers/reduction/codec.hpp"

#include <cardan/error.hpp>

#include <doctest/doctest.h>

#include <numeric>

using cardan::Dtype;
using cardan::ReductionField;
using cardan::reduction::Blocking;

namespace {

void round_trip(const ReductionField& field, const std::vector<std::int64_t>& edges)
{
  const Blocking blocking(field, edges);
  std::int64_t count = 1;
  for (const auto extent : field.shape) count *= extent;
  REQUIRE(blocking.field_numbers() == count);
  std::vector<double> values(static_cast<std::size_t>(count));
  std::iota(values.begin(), values.end(), 0.0);
  std::vector<double> blocks(static_cast<std::size_t>(blocking.count() * blocking.numbers()));
  blocking.cut(values.data(), blocks.data());

  const auto indices = blocking.indices();
  REQUIRE(indices.size() == blocks.size());
  std::vector<int> seen(values.size());
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    CHECK(blocks[i] >= 0);
    if (indices[i] < 0) {
      // Padding repeats a number of the block.
      blocks[i] = -1;
      continue;
    }
    CHECK(blocks[i] == static_cast<double>(indices[i]));
    ++seen[static_cast<std::size_t>(indices[i])];
  }
  for (const int times : seen) CHECK(times == 1);

  std::vector<double> joined(values.size(), -7);
  blocking.join(blocks.data(), joined.data());
  CHECK(joined == values);
}

}  // namespace

TEST_CASE("every number is in one block, and comes back to its place")
{
  round_trip({"u", Dtype::float64, {13}, false, {}}, {4});
  round_trip({"u", Dtype::float64, {3}, false, {}}, {4});
  round_trip({"u", Dtype::float64, {8, 12}, false, {}}, {4, 4});
  round_trip({"u", Dtype::float64, {9, 5}, false, {}}, {4, 3});
  round_trip({"u", Dtype::float64, {3, 9, 5}, true, {}}, {4, 3});
  round_trip({"u", Dtype::float64, {5, 6, 7}, false, {}}, {2, 4, 3});
  round_trip({"u", Dtype::float64, {2, 5, 6, 7}, true, {}}, {8, 8, 8});
}

TEST_CASE("a block has its numbers in the field's order, all components, and its edge repeated")
{
  const Blocking blocking({"u", Dtype::float64, {2, 3, 3}, true, {}}, {2, 2});
  CHECK(blocking.count() == 4);
  CHECK(blocking.numbers() == 8);
  std::vector<double> values(18);
  std::iota(values.begin(), values.end(), 0.0);
  std::vector<double> numbers(8);
  blocking.cut(values.data(), 0, numbers.data());
  CHECK(numbers == std::vector<double>{0, 1, 3, 4, 9, 10, 12, 13});
  blocking.cut(values.data(), 3, numbers.data());
  CHECK(numbers == std::vector<double>{8, 8, 8, 8, 17, 17, 17, 17});
}

TEST_CASE("what cannot be cut is refused")
{
  const auto refused = [](const std::vector<std::int64_t>& shape, bool components,
                          const std::vector<std::int64_t>& edges) {
    CHECK_THROWS_AS(Blocking({"u", Dtype::float64, shape, components, {}}, edges), cardan::Error);
  };
  refused({}, false, {});
  refused({4}, true, {4});
  refused({4, 4}, false, {4});
  refused({4, 4}, false, {4, 0});
  refused({4, 0}, false, {4, 4});
  refused({2, 2, 2, 2}, false, {2, 2, 2, 2});
}
