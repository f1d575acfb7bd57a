/// What every rank of a channel declares, and whether it fits together.
#pragma once

#include <cardan/channel.hpp>

#include <mpi.h>

#include <string>
#include <vector>

namespace cardan::channel {

/// One rank's declarations.
struct End {
  std::vector<FieldSpec> produced;
  std::vector<FieldSpec> consumed;
};

/// Collective: what every rank of `comm` declares, in rank order.
std::vector<End> gather(MPI_Comm comm, const End& mine);

/// Throws unless names, dtypes and shapes agree on all ranks, boxes of producers cover their global
/// arrays without gap or overlap, and somebody produces and consumes. The same input gives the same
/// error on all ranks.
void check(const std::string& channel, const std::vector<End>& ends);

/// True where the channel's fields are boxes, false where they are batches.
bool has_boxes(const std::vector<End>& ends);

}  // namespace cardan::channel
