/// The ranks of a test, what they share, and what its environment says.
#pragma once

#include <mpi.h>

#include <cstdint>
#include <cstdlib>
#include <string>

namespace test {

inline int world_rank()
{
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  return rank;
}

inline int world_size()
{
  int size = 0;
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  return size;
}

/// Collective: the sum over all ranks.
inline std::int64_t sum_over_ranks(std::int64_t mine)
{
  std::int64_t sum = 0;
  MPI_Allreduce(&mine, &sum, 1, MPI_INT64_T, MPI_SUM, MPI_COMM_WORLD);
  return sum;
}

/// A number from the environment.
inline std::int64_t environment(const char* name, std::int64_t fallback)
{
  const char* text = std::getenv(name);
  return text && *text ? std::stoll(text) : fallback;
}

}  // namespace test
