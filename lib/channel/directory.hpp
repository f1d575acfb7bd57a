/// Who overlaps whom: found by a directory that is spread over the ranks, so that no rank sees
/// every box. Each rank keeps a tile of every global array and finds the pairs of boxes that meet
/// in it.
#pragma once

#include "channel/declaration.hpp"

#include <mpi.h>

#include <vector>

namespace cardan::channel {

/// Ranks in ascending order.
struct Neighbours {
  std::vector<int> consumers;
  std::vector<int> producers;
};

/// Collective: the ranks whose boxes overlap this rank's. Throws, the same error on all ranks,
/// where producers' boxes overlap each other, or leave gaps that were not declared.
Neighbours find_neighbours(MPI_Comm comm, const ChannelOptions& options, const Reference& reference,
                           const End& mine);

/// How many tiles a global array is cut into along each dimension, at most `ranks` in all.
Extents tiles_of(const Extents& global, int ranks);
/// Tile number `index` of an array, the last dimension counting fastest.
Box tile(const Extents& global, const Extents& tiles, std::int64_t index);
/// The numbers of the tiles that a box touches.
std::vector<std::int64_t> touched(const Box& box, const Extents& tiles);

}  // namespace cardan::channel
