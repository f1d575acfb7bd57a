/// The ranks that share a node's memory, found once for a communicator that opens many channels.
#pragma once

#include "channel/choice.hpp"
#include "mpi/comm.hpp"

#include <mpi.h>

#include <vector>

namespace cardan::channel {

/// Collective over `comm`, which has to be Cardan's own: keeps `node_of` it, and which rank is on
/// which node, until it is freed.
void keep_node(MPI_Comm comm);

/// What is kept, else made anew: collective over `comm` then.
class Node {
 public:
  explicit Node(MPI_Comm comm);
  [[nodiscard]] MPI_Comm get() const { return node_; }
  /// By rank of `comm`, the lowest rank on its node; empty where nothing is kept.
  [[nodiscard]] const std::vector<int>& leaders() const { return leaders_; }
  /// The lowest rank of `comm` on this rank's node.
  [[nodiscard]] int leader() const { return leader_; }
  /// Whether all ranks share one node. Only where leaders are kept.
  [[nodiscard]] bool alone() const;

 private:
  mpi::Comm own_;
  MPI_Comm node_ = MPI_COMM_NULL;
  std::vector<int> leaders_;
  int leader_ = 0;
};

}  // namespace cardan::channel
