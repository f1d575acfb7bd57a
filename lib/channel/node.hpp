/// The ranks that share a node's memory, found once for a communicator that opens many channels.
#pragma once

#include "channel/choice.hpp"
#include "mpi/comm.hpp"

#include <mpi.h>

namespace cardan::channel {

/// Collective over `comm`, which has to be Cardan's own: keeps `node_of` it until it is freed.
void keep_node(MPI_Comm comm);

/// What is kept, else made anew: collective over `comm` then.
class Node {
 public:
  explicit Node(MPI_Comm comm);
  [[nodiscard]] MPI_Comm get() const { return node_; }

 private:
  mpi::Comm own_;
  MPI_Comm node_;
};

}  // namespace cardan::channel
