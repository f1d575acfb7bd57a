/// A window in which each rank has a piece of memory that others read.
#pragma once

#include "mpi/comm.hpp"
#include "mpi/window.hpp"
#include "session/context.hpp"

#include <mpi.h>

#include <cstddef>
#include <vector>

namespace cardan::tuning {

class Shards {
 public:
  /// Collective over the simulation ranks and blocking: all with the same bytes, which are zero at
  /// first. Without windows (`two_sided`) each rank sees its own only.
  Shards(const Context& context, std::size_t bytes);

  /// Whether ranks can read each other's memory at all.
  static bool possible(const Context& context);
  [[nodiscard]] std::byte* own() const { return own_; }
  [[nodiscard]] int rank() const { return rank_; }
  /// Ranks whose memory can be read.
  [[nodiscard]] bool shared() const { return shared_; }
  [[nodiscard]] int ranks() const { return ranks_; }
  /// Copies from another rank's memory; waits for the window at most. Complete when it returns, and
  /// not begun before: one after the other, gets have an order.
  void get(int rank, std::size_t offset, void* into, std::size_t bytes);
  /// Makes what was written here visible.
  void sync();
  /// Leaves the window to the end of the process.
  void abandon() noexcept { static_cast<void>(window_.leave()); }

 private:
  int rank_;
  int ranks_;
  bool shared_;
  mpi::Comm comm_;
  mpi::Window window_;
  std::vector<std::uint64_t> memory_;
  std::byte* own_ = nullptr;
};

}  // namespace cardan::tuning
