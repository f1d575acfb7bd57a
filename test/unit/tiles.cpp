// Tiles, by brute force: images against an index that wraps or is clamped, and deals against
// counting.
#include "couplers/closure/tiles.hpp"

#include <cardan/error.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <vector>

using cardan::Box;
using cardan::Extents;
using cardan::closure::Deal;
using cardan::closure::for_each_index;
using cardan::closure::GridSettings;
using cardan::closure::Piece;
using cardan::closure::Tiles;

namespace {

std::int64_t number_of(const Extents& shape, const Extents& index)
{
  std::int64_t number = 0;
  for (int d = 0; d < shape.rank(); ++d) number = number * shape[d] + index[d];
  return number;
}

std::int64_t beyond(std::int64_t i, std::int64_t extent, bool periodic)
{
  if (periodic) return ((i % extent) + extent) % extent;
  return std::clamp<std::int64_t>(i, 0, extent - 1);
}

/// A random cut of a box into parts, some of them empty.
std::vector<Box> cut(const Box& whole, std::mt19937& random)
{
  std::vector<Box> parts{whole};
  for (int cuts = 0; cuts < 4; ++cuts) {
    const std::size_t at = random() % parts.size();
    const int d = static_cast<int>(random() % static_cast<unsigned>(whole.count.rank()));
    Box low = parts[at];
    Box high = low;
    low.count[d] = static_cast<std::int64_t>(random() % static_cast<unsigned>(low.count[d] + 1));
    high.offset[d] += low.count[d];
    high.count[d] -= low.count[d];
    parts[at] = low;
    parts.push_back(high);
  }
  return parts;
}

bool inside(const Box& box, const Extents& cell)
{
  for (int d = 0; d < cell.rank(); ++d)
    if (cell[d] < box.offset[d] || cell[d] >= box.offset[d] + box.count[d]) return false;
  return true;
}

}  // namespace

TEST_CASE("images are made of pieces of boxes, each cell once, around the domain's edges")
{
  std::mt19937 random{7};
  const auto any = [&](int low, int high) {
    return low + static_cast<std::int64_t>(random() % static_cast<unsigned>(high - low + 1));
  };
  for (int repeat = 0; repeat < 400; ++repeat) {
    const int rank = static_cast<int>(any(1, 2));
    GridSettings settings;
    settings.halo = any(0, 5);
    settings.periodic = any(0, 1) == 1;
    Extents global = Extents::filled(rank, 0);
    for (int d = 0; d < rank; ++d) {
      settings.tile.push_back(any(1, 4));
      global[d] = settings.tile.back() * any(1, 4);
    }
    const Tiles tiles{global, settings};
    const Deal deal{tiles.grid(), static_cast<int>(any(1, 6))};
    const Box block = deal.block(static_cast<int>(any(0, 5)));
    const Box needed = tiles.needed(block);
    if (block.empty()) {
      CHECK(needed.empty());
      continue;
    }
    const Extents image = tiles.image();
    // Each cell of each image: the number of the global cell that it came from.
    std::vector<std::int64_t> cells(
        static_cast<std::size_t>(block.count.product() * image.product()), -1);
    bool once = true;
    for (const Box& box : cut(needed, random))
      for (const Piece& piece : pieces(tiles, block, box))
        for_each_index(piece.count, [&](const Extents& index) {
          Extents cell = index;
          Extents pixel = index;
          for (int d = 0; d < rank; ++d) {
            cell[d] += box.offset[d] + piece.from[d];
            pixel[d] += piece.to[d];
            once = once && pixel[d] < image[d];
          }
          once = once && inside(box, cell);
          auto& slot = cells[static_cast<std::size_t>(piece.tile * image.product() +
                                                      number_of(image, pixel))];
          once = once && slot == -1;
          slot = number_of(global, cell);
        });
    CHECK(once);
    std::int64_t wrong = 0;
    std::int64_t tile = 0;
    for_each_index(block.count, [&](const Extents& position) {
      for_each_index(image, [&](const Extents& pixel) {
        Extents cell = pixel;
        for (int d = 0; d < rank; ++d)
          cell[d] =
              beyond((block.offset[d] + position[d]) * tiles.tile()[d] - settings.halo + pixel[d],
                     global[d], settings.periodic);
        wrong +=
            cells[static_cast<std::size_t>(tile * image.product() + number_of(image, pixel))] !=
            number_of(global, cell);
      });
      ++tile;
    });
    CHECK(wrong == 0);
  }
}

TEST_CASE("every tile is dealt to one rank, evenly")
{
  for (std::int64_t rows = 1; rows <= 9; ++rows)
    for (std::int64_t columns = 0; columns <= 9; ++columns) {
      // No columns: a grid of one dimension.
      const Extents grid = columns == 0 ? Extents{rows} : Extents{rows, columns};
      for (int ranks = 1; ranks <= 12; ++ranks) {
        const Deal deal{grid, ranks};
        std::vector<int> dealt(static_cast<std::size_t>(grid.product()), 0);
        std::int64_t largest = 0;
        for (int rank = 0; rank < ranks + 2; ++rank) {
          const Box block = deal.block(rank);
          cardan::check(block);
          CHECK((rank < ranks || block.empty()));
          largest = std::max(largest, block.count.product());
          for_each_index(block.count, [&](const Extents& index) {
            Extents tile = index;
            for (int d = 0; d < grid.rank(); ++d) tile[d] += block.offset[d];
            ++dealt[static_cast<std::size_t>(number_of(grid, tile))];
          });
        }
        CHECK(std::count(dealt.begin(), dealt.end(), 1) == grid.product());
        CHECK(largest == deal.most());
        // Never worse than slabs along the longer dimension.
        const std::int64_t longest = columns == 0 ? rows : std::max(rows, columns);
        CHECK(largest <= (longest + ranks - 1) / ranks * (grid.product() / longest));
      }
    }
  CHECK(Deal{{8, 8}, 4}.most() == 16);
  CHECK(Deal{{8, 8}, 7}.most() == 10);
  CHECK(Deal{{4, 4}, 16}.most() == 1);
  // Of equal blocks those with the shorter edge.
  CHECK(Deal{{8, 8}, 4}.block(0).count == Extents{4, 4});
}

TEST_CASE("what images need, and what boxes cover")
{
  const Tiles tiles{{12, 8}, {{4, 4}, 1, true}};
  CHECK(tiles.grid() == Extents{3, 2});
  CHECK(tiles.image() == Extents{6, 6});
  const Box middle = tiles.needed({{3, 2}, {1, 0}, {1, 1}});
  CHECK(middle == Box{{12, 8}, {3, 0}, {6, 8}});
  const Tiles walls{{12, 8}, {{4, 4}, 1, false}};
  CHECK(walls.needed({{3, 2}, {1, 0}, {1, 1}}) == Box{{12, 8}, {3, 0}, {6, 5}});
  CHECK(tiles.cover({{12, 8}, {3, 4}, {2, 4}}) == Box{{3, 2}, {0, 1}, {2, 1}});
  CHECK(tiles.cover({{12, 8}, {12, 0}, {0, 8}}).empty());
  CHECK(Tiles{{12, 8}, {{}, 2, false}}.grid() == Extents{1, 1});
  CHECK_THROWS_AS((Tiles{{12, 8}, {{5, 4}, 0, false}}), cardan::Error);
  CHECK_THROWS_AS((Tiles{{12, 8}, {{4}, 0, false}}), cardan::Error);
}
