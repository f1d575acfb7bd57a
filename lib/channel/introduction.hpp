/// What the ranks of a channel tell their peers before there is memory.
#pragma once

#include "channel/plan.hpp"
#include "mpi/exchange.hpp"

#include <mpi.h>

#include <vector>

namespace cardan::channel {

/// What a peer says of itself.
struct Introduction {
  int node = 0;
  /// Boxes: one for each field.
  std::vector<Box> boxes;
};

/// Numbers as a letter has them: how many there are, and then each of them.
void append(mpi::Numbers& numbers, const Extents& extents);
Extents extents_at(mpi::Numbers::const_iterator& at);

/// Letters of producers, or of consumers.
enum class Way { forth, back };

/// Collective among peers: says to `to` what this rank has, and hears it of `from`. Batches whose
/// nodes are known say nothing.
std::vector<Introduction> meet(MPI_Comm comm, const std::vector<FieldSpec>& mine,
                               const std::vector<Link>& to, const std::vector<Link>& from,
                               const Reference& reference, const Reach& reach, Way way,
                               mpi::Deadline deadline);

}  // namespace cardan::channel
