#include "couplers/closure/tiles.hpp"

#include <cardan/error.hpp>

#include <algorithm>
#include <limits>
#include <utility>

namespace cardan::closure {

namespace {

std::int64_t floor_of(std::int64_t a, std::int64_t b)
{
  return a >= 0 ? a / b : -((-a + b - 1) / b);
}

}  // namespace

Tiles::Tiles(const Extents& global, const GridSettings& settings)
    : global_(global),
      tile_(settings.tile.empty() ? global : Extents(settings.tile)),
      grid_(global),
      halo_(settings.halo),
      periodic_(settings.periodic)
{
  if (tile_.rank() != global.rank())
    throw Error{"tiles of " + to_string(tile_) + " cells on a grid of " + to_string(global),
                "they have as many dimensions as the grid"};
  if (global.product() == 0 || global.rank() == 0)
    throw Error{"the grid " + to_string(global) + " has no cells"};
  for (int d = 0; d < global.rank(); ++d) {
    if (global[d] % tile_[d] != 0)
      throw Error{"tiles of " + to_string(tile_) + " cells on a grid of " + to_string(global),
                  "the grid must be a multiple of them"};
    grid_[d] = global[d] / tile_[d];
  }
}

Extents Tiles::image() const
{
  Extents image = tile_;
  for (int d = 0; d < image.rank(); ++d) image[d] += 2 * halo_;
  return image;
}

Box Tiles::cells(const Box& block) const
{
  Box box{global_, block.offset, block.count};
  for (int d = 0; d < tile_.rank(); ++d) {
    box.offset[d] *= tile_[d];
    box.count[d] *= tile_[d];
  }
  return box;
}

Box Tiles::needed(const Box& block) const
{
  Box box = cells(block);
  if (box.empty()) return box;
  for (int d = 0; d < tile_.rank(); ++d) {
    std::int64_t begin = box.offset[d] - halo_;
    std::int64_t end = box.offset[d] + box.count[d] + halo_;
    if (begin < 0 || end > global_[d]) {
      begin = periodic_ ? 0 : std::max<std::int64_t>(begin, 0);
      end = periodic_ ? global_[d] : std::min(end, global_[d]);
    }
    box.offset[d] = begin;
    box.count[d] = end - begin;
  }
  return box;
}

Box Tiles::cover(const Box& cells) const
{
  Box block{grid_, cells.offset, cells.count};
  for (int d = 0; d < tile_.rank(); ++d) {
    const std::int64_t begin = cells.offset[d] / tile_[d];
    const std::int64_t end = (cells.offset[d] + cells.count[d] + tile_[d] - 1) / tile_[d];
    block.offset[d] = std::min(begin, grid_[d]);
    block.count[d] = cells.empty() ? 0 : end - begin;
  }
  return block;
}

Deal::Deal(const Extents& grid, int ranks)
    : grid_(grid),
      ranks_(static_cast<int>(std::min<std::int64_t>(std::max(ranks, 1), grid.product())))
{
  std::pair best{std::numeric_limits<std::int64_t>::max(), std::int64_t{0}};
  for (int axis = 0; axis < grid.rank(); ++axis) {
    const std::int64_t across = grid.product() / grid[axis];
    for (int slabs = 1; slabs <= std::min<std::int64_t>(ranks_, grid[axis]); ++slabs) {
      const auto tried = cut(axis, slabs);
      std::pair<std::int64_t, std::int64_t> worst{0, 0};
      bool whole = true;
      for (const auto& slab : tried) {
        const std::int64_t width = (across + slab.ranks - 1) / slab.ranks;
        worst = std::max(worst, {slab.count * width, slab.count + width});
        whole = whole && slab.count > 0;
      }
      if (!whole || worst >= best) continue;
      best = worst;
      axis_ = axis;
      slabs_ = tried;
    }
  }
  most_ = best.first;
}

// Ranks are shared out evenly over the slabs, and each slab is as thick as its ranks are many.
std::vector<Deal::Slab> Deal::cut(int axis, int slabs) const
{
  std::vector<Slab> cuts;
  std::int64_t begin = 0;
  for (int i = 0; i < slabs; ++i) {
    const int first = ranks_ * i / slabs;
    const int last = ranks_ * (i + 1) / slabs;
    const std::int64_t end = (2 * grid_[axis] * last + ranks_) / (2 * std::int64_t{ranks_});
    cuts.push_back({begin, end - begin, first, last - first});
    begin = end;
  }
  return cuts;
}

Box Deal::block(int rank) const
{
  Box block{grid_, Extents::filled(grid_.rank(), 0), Extents::filled(grid_.rank(), 0)};
  for (const auto& slab : slabs_) {
    if (rank < slab.first || rank >= slab.first + slab.ranks) continue;
    block.offset[axis_] = slab.begin;
    block.count[axis_] = slab.count;
    const std::int64_t number = rank - slab.first;
    for (int d = 0; d < grid_.rank(); ++d) {
      if (d == axis_) continue;
      block.offset[d] = grid_[d] * number / slab.ranks;
      block.count[d] = grid_[d] * (number + 1) / slab.ranks - block.offset[d];
    }
    if (grid_.rank() == 1 && number > 0) block.count[axis_] = 0;
  }
  return block;
}

namespace {

/// A piece of one dimension.
struct Stretch {
  std::int64_t from;
  std::int64_t to;
  std::int64_t count;
};

/// What [offset, offset + count) has of an image that begins at `begin`, which may lie outside the
/// domain, and is `length` long.
std::vector<Stretch> stretches(const Tiles& tiles, int d, std::int64_t begin, std::int64_t length,
                               std::int64_t offset, std::int64_t count)
{
  const std::int64_t extent = tiles.global()[d];
  std::vector<Stretch> found;
  const auto add = [&](std::int64_t shift) {
    const std::int64_t first = std::max(begin, offset + shift);
    const std::int64_t last = std::min(begin + length, offset + count + shift);
    if (first < last) found.push_back({first - shift - offset, first - begin, last - first});
  };
  if (tiles.periodic()) {
    const std::int64_t last = floor_of(begin + length - 1 - offset, extent);
    for (std::int64_t k = floor_of(begin - offset - count, extent); k <= last; ++k) add(k * extent);
    return found;
  }
  const bool has_low = offset == 0 && count > 0;
  const bool has_high = offset + count == extent && count > 0;
  for (std::int64_t at = begin; has_low && at < 0; ++at) found.push_back({0, at - begin, 1});
  add(0);
  for (std::int64_t at = extent; has_high && at < begin + length; ++at)
    found.push_back({count - 1, at - begin, 1});
  return found;
}

}  // namespace

std::vector<Piece> pieces(const Tiles& tiles, const Box& block, const Box& box)
{
  std::vector<Piece> found;
  const int rank = block.count.rank();
  const Extents image = tiles.image();
  std::int64_t number = 0;
  for_each_index(block.count, [&](const Extents& index) {
    std::vector<std::vector<Stretch>> parts;
    Extents several = Extents::filled(rank, 0);
    for (int d = 0; d < rank; ++d) {
      const std::int64_t begin = (block.offset[d] + index[d]) * tiles.tile()[d] - tiles.halo();
      parts.push_back(stretches(tiles, d, begin, image[d], box.offset[d], box.count[d]));
      several[d] = static_cast<std::int64_t>(parts.back().size());
    }
    for_each_index(several, [&](const Extents& chosen) {
      Piece piece{number, Extents::filled(rank, 0), Extents::filled(rank, 0),
                  Extents::filled(rank, 0)};
      for (int d = 0; d < rank; ++d) {
        const auto& part = parts[static_cast<std::size_t>(d)][static_cast<std::size_t>(chosen[d])];
        piece.from[d] = part.from;
        piece.to[d] = part.to;
        piece.count[d] = part.count;
      }
      found.push_back(piece);
    });
    ++number;
  });
  return found;
}

}  // namespace cardan::closure
