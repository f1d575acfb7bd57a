/// Samples that ranks keep in shards and draw from any of them at random.
#pragma once

#include "mpi/comm.hpp"
#include "mpi/window.hpp"
#include "support/splitmix.hpp"

#include <mpi.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace cardan::reduction {

/// Of what this rank drew and added.
struct ReservoirCounters {
  /// Draws that gave a sample, of this rank's shard and of others'.
  std::int64_t local_hits = 0;
  std::int64_t remote_hits = 0;
  /// Draws that gave none: of a slot that was never filled, and of one that was written meanwhile.
  std::int64_t empty = 0;
  std::int64_t torn = 0;
  /// Steps between the one that a sample was made in and the one that it was drawn in: their sum
  /// over all hits, and the most.
  std::int64_t age_sum = 0;
  std::int64_t age_most = 0;
  std::int64_t added = 0;
  std::int64_t overwritten = 0;

  [[nodiscard]] std::int64_t hits() const { return local_hits + remote_hits; }
  [[nodiscard]] std::int64_t misses() const { return empty + torn; }
};

/// Each rank keeps `capacity` slots in a window; any rank reads any of them without the owner's
/// help. Before and after a sample stands the number of its writing: a reader that finds another
/// one afterwards, or an odd one, has missed.
class Reservoir {
 public:
  /// Collective over `comm` and blocking: all ranks with the same capacity and numbers of a sample.
  /// `shared`: false where windows do not work; each rank then draws from its own shard only.
  Reservoir(MPI_Comm comm, std::int64_t capacity, std::int64_t numbers, std::uint64_t seed,
            bool shared);

  /// Into a free slot of this rank's shard, or over a random one where none is: what is kept is
  /// the newer the likelier. Neither blocking nor collective.
  void add(std::int64_t step, const double* numbers);
  /// A random slot of a random shard; false: a miss. All samples of all shards are equally likely.
  /// Not collective; waits for the window at most.
  bool draw(std::int64_t now, double* numbers);

  [[nodiscard]] const ReservoirCounters& counters() const { return counters_; }
  [[nodiscard]] std::int64_t numbers() const { return numbers_; }
  /// Samples in this rank's shard.
  [[nodiscard]] std::int64_t size() const;
  /// Leaves the window to the end of the process.
  void abandon() noexcept { static_cast<void>(window_.leave()); }

 private:
  struct Head {
    std::uint64_t sequence = 0;
    std::int64_t step = 0;
  };
  [[nodiscard]] std::byte* slot(std::int64_t index) const
  {
    return own_ + static_cast<std::size_t>(index) * stride_;
  }
  void get(int shard, std::size_t offset, void* into, std::size_t bytes);
  Head read(int shard, std::int64_t index, double* numbers, std::uint64_t& after);

  mpi::Comm comm_;
  int rank_;
  int shards_;
  std::int64_t capacity_;
  std::int64_t numbers_;
  std::size_t stride_;
  Random random_;
  mpi::Window window_;
  std::vector<std::uint64_t> memory_;
  std::byte* own_ = nullptr;
  ReservoirCounters counters_;
};

}  // namespace cardan::reduction
