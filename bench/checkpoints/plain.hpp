/// The reference: what a careful person writes with parallel HDF5 for this one array.
#pragma once

#include "checkpoints/part.hpp"

#include <mpi.h>

#include <cstdint>
#include <string>

namespace bench {

/// Collective: one contiguous dataset, written by one collective call; each rank has the file on
/// the disk before it returns.
void write_plainly(MPI_Comm comm, const std::string& path, const Part& part);

/// One rank: the checksum of what is in such a file.
std::uint64_t checksum_of_plain(const std::string& path, const cardan::Extents& global);

}  // namespace bench
