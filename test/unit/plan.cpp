// Plans: what is decided before any memory is there. Tiles cover an array once, links carry every
// sample once, large patches become datatypes that MPI can count.
#include "channel/plan.hpp"
#include "channel/datatype.hpp"
#include "channel/directory.hpp"
#include "channel/links.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <vector>

using cardan::Box;
using cardan::Extents;
using cardan::channel::Cut;
using cardan::channel::Link;
using cardan::channel::Patch;

TEST_CASE("tiles cover a global array once, and are no more than the ranks")
{
  for (const int ranks : {1, 2, 3, 5, 7, 64, 1000}) {
    for (const auto& global :
         {Extents{}, Extents{1}, Extents{17}, Extents{64, 3}, Extents{5, 1, 9}, Extents{0, 4}}) {
      const Extents tiles = cardan::channel::tiles_of(global, ranks);
      CHECK(tiles.product() <= ranks);
      std::int64_t covered = 0;
      for (std::int64_t a = 0; a < tiles.product(); ++a) {
        const Box box = cardan::channel::tile(global, tiles, a);
        covered += box.count.product();
        for (std::int64_t b = 0; b < a; ++b)
          CHECK(cardan::intersection(box, cardan::channel::tile(global, tiles, b)).empty());
      }
      CHECK(covered == global.product());
      // A rank beyond the last tile keeps nothing.
      if (tiles.product() < ranks && global.rank() > 0)
        CHECK(cardan::channel::tile(global, tiles, tiles.product()).empty());
    }
  }
}

TEST_CASE("a box touches the tiles that share an element with it, and no others")
{
  std::mt19937 random{3};
  const auto draw = [&](std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>{low, high}(random);
  };
  for (int i = 0; i < 200; ++i) {
    const Extents global{draw(1, 20), draw(1, 9)};
    const Extents offset{draw(0, global[0] - 1), draw(0, global[1] - 1)};
    const Box box{global, offset, {draw(1, global[0] - offset[0]), draw(1, global[1] - offset[1])}};
    const Extents tiles = cardan::channel::tiles_of(global, 8);
    std::vector<std::int64_t> expected;
    for (std::int64_t t = 0; t < tiles.product(); ++t)
      if (!cardan::intersection(box, cardan::channel::tile(global, tiles, t)).empty())
        expected.push_back(t);
    auto found = cardan::channel::touched(box, tiles);
    std::sort(found.begin(), found.end());
    CHECK(found == expected);
  }
}

TEST_CASE("links cut a batch into parts that follow each other and fit")
{
  for (const std::int64_t capacity : {1, 2, 7, 10, 64}) {
    for (std::int64_t split = 0; split <= capacity; ++split) {
      const Link low{0, 0, split};
      const Link high{1, split, capacity - split};
      for (std::int64_t total = 0; total <= capacity; ++total) {
        const Cut first = cardan::channel::cut(low, capacity, total);
        const Cut second = cardan::channel::cut(high, capacity, total);
        CHECK(first.first == 0);
        CHECK(second.first == first.count);
        CHECK(first.count + second.count == total);
        CHECK(first.count <= low.count);
        CHECK(second.count <= high.count);
      }
    }
  }
}

TEST_CASE("rings are deep for small slots and short for large ones")
{
  CHECK(cardan::channel::depth_for(8) >= 16);
  CHECK(cardan::channel::depth_for(1 << 20) == 2);
  int previous = cardan::channel::depth_for(1);
  for (std::size_t bytes = 1; bytes < (std::size_t{1} << 28); bytes *= 2) {
    CHECK(cardan::channel::depth_for(bytes) <= previous);
    previous = cardan::channel::depth_for(bytes);
  }
}

TEST_CASE("a dimension that MPI cannot count is described in pieces")
{
  // 23 elements, every second one, with a counter that reaches only to 4.
  const Patch patch{4, {23}, {8}};
  const auto type = cardan::channel::datatype(patch, 200, 4);
  std::vector<int> source(46);
  std::iota(source.begin(), source.end(), 0);
  std::vector<int> target(23, -1);
  int position = 0;
  MPI_Pack(source.data(), 1, type.get(), target.data(), 92, &position, MPI_COMM_SELF);
  CHECK(position == 92);
  for (int i = 0; i < 23; ++i) CHECK(target[static_cast<std::size_t>(i)] == 2 * i);
  MPI_Aint low = 0;
  MPI_Aint extent = 0;
  MPI_Type_get_extent(type.get(), &low, &extent);
  CHECK(extent == 200);
}
