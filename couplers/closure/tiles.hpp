/// The geometry of surrogates on grids: tiles with a halo, who has which, and what of a box lies in
/// which tile's image. Nothing here communicates; all ranks compute alike.
#pragma once

#include "couplers/closure/settings.hpp"

#include <cardan/box.hpp>

#include <cstdint>
#include <vector>

namespace cardan::closure {

/// A global array of one or two dimensions, cut into tiles. A tile and the halo around it is an
/// image.
class Tiles {
 public:
  /// Throws where the tile has another number of dimensions, or does not divide the array.
  Tiles(const Extents& global, const GridSettings& settings);

  [[nodiscard]] const Extents& global() const { return global_; }
  [[nodiscard]] const Extents& tile() const { return tile_; }
  /// How many tiles there are in each dimension.
  [[nodiscard]] const Extents& grid() const { return grid_; }
  [[nodiscard]] Extents image() const;
  [[nodiscard]] std::int64_t halo() const { return halo_; }
  [[nodiscard]] bool periodic() const { return periodic_; }

  /// The cells of a block of tiles (a box in the grid of tiles).
  [[nodiscard]] Box cells(const Box& block) const;
  /// The cells that its images are made of, as one box: where images reach around a periodic edge,
  /// the whole extent of that dimension.
  [[nodiscard]] Box needed(const Box& block) const;
  /// The tiles that a box of cells has a part of.
  [[nodiscard]] Box cover(const Box& cells) const;

 private:
  Extents global_;
  Extents tile_;
  Extents grid_;
  std::int64_t halo_;
  bool periodic_;
};

/// Tiles dealt to ranks in blocks: slabs of tiles, each cut across into as many blocks as it has
/// ranks. Of all such cuts the one whose largest block is the smallest, and of those the one with
/// the shortest edge.
class Deal {
 public:
  Deal(const Extents& grid, int ranks);
  /// The block of a rank, in the grid of tiles; empty for ranks without tiles.
  [[nodiscard]] Box block(int rank) const;
  /// Tiles of the largest block.
  [[nodiscard]] std::int64_t most() const { return most_; }

 private:
  struct Slab {
    std::int64_t begin;
    std::int64_t count;
    /// Ranks before it, and its own.
    int first;
    int ranks;
  };
  [[nodiscard]] std::vector<Slab> cut(int axis, int slabs) const;

  Extents grid_;
  int ranks_;
  int axis_ = 0;
  std::vector<Slab> slabs_;
  std::int64_t most_ = 0;
};

/// A piece of a box that is a piece of a tile's image.
struct Piece {
  /// The tile's number in its block, row-major.
  std::int64_t tile;
  /// Where it begins in the box and in the image.
  Extents from;
  Extents to;
  Extents count;
};

/// All that a box of cells has of the images of a block's tiles. Disjoint boxes that cover what is
/// `needed` fill every image, each cell once.
std::vector<Piece> pieces(const Tiles& tiles, const Box& block, const Box& box);

/// Calls `work(index)` for all indices of a box of counts, the last dimension fastest.
template <class Work>
void for_each_index(const Extents& count, Work&& work)
{
  if (count.product() == 0) return;
  Extents index = Extents::filled(count.rank(), 0);
  for (int d = 0; d >= 0;) {
    work(index);
    for (d = count.rank() - 1; d >= 0 && ++index[d] == count[d]; --d) index[d] = 0;
  }
}

}  // namespace cardan::closure
