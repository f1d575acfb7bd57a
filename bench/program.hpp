/// How a bench program begins and ends: MPI, what it says of an error, its exit status.
#pragma once

#include <cardan/error.hpp>

#include <fmt/format.h>
#include <mpi.h>

#include <unistd.h>
#include <cstdio>
#include <exception>
#include <optional>

namespace bench {

inline constexpr int failed = 1;
inline constexpr int misused = 2;

/// Calls `run(argc, argv, rank)` between the beginning and the end of MPI, and returns what it
/// does. Where it throws, all ranks end with `failed`.
template <class Run>
int program(const char* name, int argc, char** argv, Run&& run)
{
  int provided = 0;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  std::optional<cardan::Reach> reach;
  try {
    const int status = run(argc, argv, rank);
    MPI_Finalize();
    return status;
  } catch (const cardan::Error& error) {
    reach = error.reach();
    if (rank == 0 || reach == cardan::Reach::local)
      fmt::print(stderr, "{}: {}\n", name, error.what());
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}: {}\n", name, error.what());
  }
  std::fflush(nullptr);
  // Others may wait for this rank, so all end; where all know of it, the one that speaks goes
  // first.
  if (reach == cardan::Reach::everywhere && rank != 0) sleep(2);
  MPI_Abort(MPI_COMM_WORLD, failed);
  return failed;
}

}  // namespace bench
