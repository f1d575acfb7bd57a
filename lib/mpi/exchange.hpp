/// Letters between ranks that know each other.
#pragma once

#include "mpi/deadline.hpp"

#include <mpi.h>

#include <cstdint>
#include <vector>

namespace cardan::mpi {

using Numbers = std::vector<std::int64_t>;

struct Letter {
  int peer = 0;
  Numbers numbers;
};

/// Sends letters and receives one from each of `from`, in that order. Collective among ranks that
/// write to each other; throws `Late` at the deadline.
std::vector<Numbers> exchange(MPI_Comm comm, const std::vector<Letter>& letters,
                              const std::vector<int>& from, int tag, Deadline deadline);

/// Collective over `comm`: sends letters to any ranks, and gives what others wrote to this one.
std::vector<Letter> deliver(MPI_Comm comm, const std::vector<Letter>& letters);

}  // namespace cardan::mpi
