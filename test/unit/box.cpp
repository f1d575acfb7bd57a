#include <cardan/box.hpp>
#include <cardan/error.hpp>

#include <doctest/doctest.h>

using cardan::Box;
using cardan::Extents;

TEST_CASE("strides of dense arrays")
{
  CHECK(cardan::row_major({4, 3, 2}) == Extents{6, 2, 1});
  CHECK(cardan::column_major({4, 3, 2}) == Extents{1, 4, 12});
  CHECK(Extents{4, 3, 2}.product() == 24);
  CHECK(Extents{}.product() == 1);
  CHECK(Extents{4, 3, 2}.tail() == Extents{3, 2});
}

TEST_CASE("boxes share what overlaps")
{
  const Box a{{8, 8}, {0, 0}, {4, 6}};
  const Box b{{8, 8}, {3, 5}, {5, 3}};
  CHECK(cardan::intersection(a, b) == Box{{8, 8}, {3, 5}, {1, 1}});
  CHECK(cardan::intersection(b, a) == Box{{8, 8}, {3, 5}, {1, 1}});
  const Box apart{{8, 8}, {4, 0}, {4, 5}};
  CHECK(cardan::intersection(a, apart).empty());
}

TEST_CASE("a box outside its global array is refused with the dimension's size")
{
  CHECK_NOTHROW(cardan::check(Box{{8, 8}, {4, 0}, {4, 8}}));
  CHECK_THROWS_WITH_AS(
      cardan::check(Box{{8, 8}, {4, 0}, {5, 8}}),
      "box [4:9, 0:8] of (8, 8) does not lie inside its global array (dimension 0 has 8)",
      cardan::Error);
  CHECK_THROWS_AS(cardan::check(Box{{8, 8}, {0}, {8}}), cardan::Error);
  CHECK_THROWS_AS(cardan::check(Box{{8}, {-1}, {2}}), cardan::Error);
}

TEST_CASE("nine dimensions are refused")
{
  CHECK_THROWS_AS((Extents{1, 1, 1, 1, 1, 1, 1, 1, 1}), cardan::Error);
}
