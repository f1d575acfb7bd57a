/// All lanes of one rank in a channel, over one window.
#pragma once

#include "channel/lane.hpp"

#include <mpi.h>

#include <memory>
#include <string>
#include <vector>

namespace cardan::channel {

class Lanes {
 public:
  /// Collective over `comm` and blocking: compares what all ranks declare (the same error on all),
  /// makes the window.
  Lanes(MPI_Comm comm, const ChannelOptions& options, const End& mine);

  [[nodiscard]] std::vector<OutLane>& out() { return out_; }
  [[nodiscard]] std::vector<InLane>& in() { return in_; }
  [[nodiscard]] const Plan& plan() const { return plan_; }
  [[nodiscard]] TransportKind transport() const { return transport_->kind(); }
  /// Says on all outgoing lanes that nothing more comes.
  void close();
  /// Whether all incoming lanes are closed and read.
  [[nodiscard]] bool drained() const;
  /// Leaves the window to the end of the process.
  void abandon() noexcept { transport_->abandon(); }

 private:
  Plan plan_;
  std::unique_ptr<Transport> transport_;
  std::vector<OutLane> out_;
  std::vector<InLane> in_;
};

}  // namespace cardan::channel
