/// The HDF5 file of a checkpoint, made without its contents.
#pragma once

#include "checkpoint/description.hpp"

#include <mpi.h>

#include <cstdint>
#include <string>
#include <vector>

namespace cardan::checkpoint {

/// Where the contents of an array go.
struct Place {
  std::string name;
  /// In bytes, from the file's begin; -1: they are there already, or there are none.
  std::int64_t offset = -1;
  std::int64_t bytes = 0;
};

/// Collective over `comm`, blocking: makes the file at `path` and writes the compressed arrays
/// among the items of its ranks, which have the same ones in the same order. The rest of the file
/// is `lay_out`'s. Throws on all ranks where it throws on one.
void write_compressed(MPI_Comm comm, const std::string& path, const std::vector<Item>& items);

/// One rank: makes the file at `path` (or opens it, where `begun`), with groups, arrays and
/// attributes, and room for all contents reserved on the disk; gives the places in the order of the
/// descriptions, and behind them that of the checksums' values.
std::vector<Place> lay_out(const std::string& path, bool begun,
                           const std::vector<Description>& descriptions, const Facts& facts);

}  // namespace cardan::checkpoint
