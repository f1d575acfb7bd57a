/// Brings what ranks hold to the first one.
#pragma once

#include <mpi.h>

#include <numeric>
#include <type_traits>
#include <vector>

namespace steer {

/// Collective: all ranks' values in rank order on rank 0, nothing elsewhere. T is plain memory.
template <class T>
std::vector<T> gathered(MPI_Comm comm, const std::vector<T>& mine)
{
  static_assert(std::is_trivially_copyable_v<T>);
  int rank = 0;
  int ranks = 1;
  MPI_Comm_rank(comm, &rank);
  MPI_Comm_size(comm, &ranks);
  const int bytes = static_cast<int>(mine.size() * sizeof(T));
  std::vector<int> counts(static_cast<std::size_t>(ranks));
  MPI_Gather(&bytes, 1, MPI_INT, counts.data(), 1, MPI_INT, 0, comm);
  std::vector<int> begins(counts.size(), 0);
  std::partial_sum(counts.begin(), counts.end() - 1, begins.begin() + 1);
  std::vector<T> all;
  if (rank == 0) all.resize(static_cast<std::size_t>(begins.back() + counts.back()) / sizeof(T));
  MPI_Gatherv(mine.data(), bytes, MPI_BYTE, all.data(), counts.data(), begins.data(), MPI_BYTE, 0,
              comm);
  return all;
}

}  // namespace steer
