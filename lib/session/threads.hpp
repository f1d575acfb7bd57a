/// How many threads an ML rank may use.
#pragma once

#include <mpi.h>

namespace cardan {

/// Collective over a node's ranks: the cores of this rank's affinity mask, shared evenly with the
/// ranks of the node that have the same mask (unbound ranks); at least 1.
int threads_for(MPI_Comm node);

}  // namespace cardan
