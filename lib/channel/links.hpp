/// Which ranks a rank sends to and receives from, decided when a channel opens.
#pragma once

#include "channel/declaration.hpp"

#include <mpi.h>

#include <cstdint>
#include <vector>

namespace cardan::channel {

/// A peer, and for batches which samples of the producer's capacity are meant for the consumer.
struct Link {
  int peer = 0;
  std::int64_t first = 0;
  std::int64_t count = 1;
};

struct Links {
  std::vector<Link> out;
  std::vector<Link> in;
  /// Batches: the most samples that this rank puts at once.
  std::int64_t capacity = 0;

  /// The same peers the other way round, each with as many samples: for replies.
  [[nodiscard]] Links reversed() const;
};

/// Collective: for boxes, whose boxes overlap.
Links overlapping(MPI_Comm comm, const ChannelOptions& options, const Reference& reference,
                  const End& mine);

/// Collective: for batches, a share for every consumer, as even as can be. The samples of all
/// producers lie side by side and are cut into as many parts as there are consumers: a producer has
/// few consumers, however large the job.
Links spread(MPI_Comm comm, const End& mine, mpi::Deadline deadline);

/// One producer that sends batches of `capacity` samples to each of `consumers`, whole. Not
/// collective; the same on all ranks.
Links broadcast(int rank, int producer, const std::vector<int>& consumers, std::int64_t capacity);

/// Samples [first, first + count).
struct Cut {
  std::int64_t first;
  std::int64_t count;
};
/// The part of `total` samples, at most `capacity`, that a link carries.
Cut cut(const Link& link, std::int64_t capacity, std::int64_t total);

}  // namespace cardan::channel
