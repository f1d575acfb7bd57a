/// The twin ranks among themselves: the first one leads, the others do what it says.
#pragma once

#include "couplers/twin/order.hpp"
#include "mpi/comm.hpp"

#include <mpi.h>

#include <cstddef>
#include <vector>

namespace cardan::twin {

class Crew {
 public:
  /// Collective over `part`, the ML ranks: the first `ranks` of them are the twin's.
  Crew(MPI_Comm part, int ranks, double deadline);
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  [[nodiscard]] bool works() const { return static_cast<bool>(own_); }
  [[nodiscard]] bool leads() const { return works() && rank_ == 0; }
  [[nodiscard]] int rank() const { return rank_; }
  [[nodiscard]] int ranks() const { return ranks_; }
  /// For the twin's own messages.
  [[nodiscard]] MPI_Comm comm() const { return own_.get(); }

  /// Leader: an order to the others, which take it when they look for one. Waits until it is on its
  /// way, up to the deadline.
  void tell(Frame& frame);
  /// The others: looks for an order, without waiting; true where `frame` has one.
  [[nodiscard]] bool listen(Frame& frame);
  /// With the order that says so: the model's state, from the leader's. Waits for it.
  void share(std::vector<std::byte>& state);
  /// Leaves everything to the end of the process.
  void abandon() noexcept;

 private:
  double deadline_;
  int rank_ = -1;
  int ranks_ = 0;
  mpi::Comm own_;
  mpi::Comm orders_;
  MPI_Request listening_ = MPI_REQUEST_NULL;
};

}  // namespace cardan::twin
