/// What each of several ranks has of its own, as rows of arrays that they share: one rank's after
/// the other's, and beside each array, under `counts/`, how many rows each rank has.
#pragma once

#include "checkpoint/snapshot.hpp"
#include "mpi/comm.hpp"

#include <cardan/state.hpp>

#include <mpi.h>

#include <cstdint>
#include <string>

namespace cardan::checkpoint {

/// Where this rank's rows are among those of all ranks.
struct Rows {
  std::int64_t total = 0;
  std::int64_t first = 0;
  std::int64_t count = 0;
};
/// Collective over `comm`.
Rows rows_of(MPI_Comm comm, std::int64_t count, mpi::Deadline deadline);

/// Adds a state as `group/NAME`: every rank's has the same arrays, of the same dtype, and of the
/// same shape but for the first dimension, which each of them has. Collective over `comm`.
void add_own(Snapshot& snapshot, const std::string& group, const State& own, MPI_Comm comm,
             mpi::Deadline deadline);
/// How many ranks' rows there are in such a group; 0 where there are none.
int ranks_in(const State& group);
/// One rank's state; throws where counts and arrays do not belong together.
State own_of(const State& group, int rank);
/// All ranks' rows, one behind the other.
State all_of(const State& group);

}  // namespace cardan::checkpoint
