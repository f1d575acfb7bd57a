/// States of trials, in slots that any rank reads without their owner's help.
#pragma once

#include "couplers/tuning/shards.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace cardan::tuning {

/// Before and after a state stands the number of its writing, odd while it is written: a reader
/// takes a whole state or looks again.
class Store {
 public:
  /// Collective over the simulation ranks: `slots` states of at most `bytes` each.
  Store(const Context& context, int slots, std::size_t bytes);

  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  [[nodiscard]] bool shared() const { return shards_.shared(); }
  /// Into a slot of this rank. Neither blocking nor collective.
  void write(int slot, std::int64_t trial, std::int64_t epochs, std::span<const std::byte> state);
  struct Found {
    std::int64_t trial = -1;
    std::int64_t epochs = 0;
  };
  /// The state in any rank's slot, whole. Not collective; waits for one that is being written.
  /// Throws Late at the deadline.
  Found read(int rank, int slot, std::vector<std::byte>& state, mpi::Deadline deadline);
  /// Reads that found a state half written, and looked again.
  [[nodiscard]] std::int64_t torn() const { return torn_; }
  void abandon() noexcept { shards_.abandon(); }

 private:
  struct Head {
    std::uint64_t sequence = 0;
    std::int64_t trial = -1;
    std::int64_t epochs = 0;
    std::uint64_t bytes = 0;
  };
  std::size_t bytes_;
  std::size_t stride_;
  Shards shards_;
  std::int64_t torn_ = 0;
};

}  // namespace cardan::tuning
