/// Bytes from any rank to any rank.
#pragma once

#include "mpi/deadline.hpp"

#include <mpi.h>

#include <cstddef>
#include <vector>

namespace cardan {

using Parcel = std::vector<std::byte>;

/// Collective over `comm`, blocking: `to[r]` goes to rank r, be it empty, and comes back by rank of
/// origin. What a rank sends itself is moved. Throws `Late` at the deadline.
std::vector<Parcel> exchange_parcels(MPI_Comm comm, std::vector<Parcel> to, mpi::Deadline deadline);

}  // namespace cardan
