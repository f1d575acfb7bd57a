/// Communicators: owned duplicates, splits, and collective calls that end in the same error on all
/// ranks.
#pragma once

#include "mpi/deadline.hpp"
#include "support/handle.hpp"

#include <mpi.h>

#include <cstdint>
#include <exception>
#include <optional>
#include <span>
#include <string>

namespace cardan::mpi {

/// False once MPI has ended: a handle that outlives MPI_Finalize is MPI's own to clear.
bool alive();

struct CommTraits {
  using type = MPI_Comm;
  static type null() noexcept { return MPI_COMM_NULL; }
  static void release(type comm) noexcept;
};
using Comm = Handle<CommTraits>;

int rank(MPI_Comm comm);
int size(MPI_Comm comm);
/// Throws an Error with MPI's own text where `code` is not MPI_SUCCESS.
void check(int code, const char* call);

/// Collective: a private communicator with the same ranks, whose errors return.
Comm duplicate(MPI_Comm comm);
/// Collective: ranks of the same colour, ordered as before; MPI_UNDEFINED gives an empty handle.
Comm split(MPI_Comm comm, int colour);
/// Collective: the ranks that share a node's memory.
Comm node(MPI_Comm comm);

/// Collective: throws on every rank, with the message of the lowest rank that has one, where any
/// rank has one. Throws `Late` where some rank does not arrive before the deadline.
void agree(MPI_Comm comm, const std::optional<std::string>& problem, Deadline deadline);

/// Runs `work` and makes one rank's failure everybody's: collective over `comm`.
template <class Work>
void together(MPI_Comm comm, Deadline deadline, Work&& work)
{
  std::optional<std::string> problem;
  try {
    work();
  } catch (const std::exception& error) {
    problem = error.what();
  }
  agree(comm, problem, deadline);
}

/// Collective: the largest of all ranks, number by number; each rank gives as many.
void largest(MPI_Comm comm, std::span<std::int64_t> numbers, Deadline deadline);
std::int64_t largest(MPI_Comm comm, std::int64_t number, Deadline deadline);

/// Collective: what rank `root` holds, on all ranks.
std::string broadcast(MPI_Comm comm, const std::string& text, int root, Deadline deadline);

}  // namespace cardan::mpi
