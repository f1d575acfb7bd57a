/// The plan of a channel: who sends what to whom, and where it lies in window memory. Made once,
/// when it opens, between ranks that overlap.
#pragma once

#include "channel/links.hpp"
#include "channel/patch.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <vector>

namespace cardan::channel {

/// Cells, headers and slots begin on lines of their own.
inline constexpr std::size_t line = 64;
std::size_t aligned(std::size_t bytes);

/// The transports that a channel can have open at once, by number.
inline constexpr std::array kinds{TransportKind::shared, TransportKind::rma,
                                  TransportKind::two_sided};
std::size_t index_of(TransportKind kind);

/// How one field of a lane lies in a slot.
struct Part {
  std::int64_t element = 0;
  /// Bytes from the slot's begin to where this lane's part begins.
  std::size_t offset = 0;
  /// The overlap (boxes) or one sample (batches), as it lies in the slot.
  Patch patch;
  /// Boxes: where the overlap begins in the producer's own array, in elements.
  Extents origin;
};

/// One producer and one consumer: a ring of slots and two sequence numbers. Offsets are in bytes of
/// the memory that the lane's transport has on the consumer, but for the credit cell: on the
/// producer.
struct LanePlan {
  int producer = 0;
  int consumer = 0;
  TransportKind kind = TransportKind::shared;
  std::size_t cell = 0;
  std::size_t headers = 0;
  std::size_t slots = 0;
  std::size_t stride = 0;
  std::size_t credit = 0;
  /// Batches: what the link carries. Boxes: one.
  Link link;
  std::vector<Part> parts;
  /// Boxes of a consumer with producers on its node and elsewhere: what comes from elsewhere lands
  /// in a ring of its own, and is moved into the slot when it is read.
  bool lands = false;
  std::vector<Part> places;
};

struct Plan {
  std::vector<LanePlan> out;
  std::vector<LanePlan> in;
  /// Window memory by transport.
  std::array<std::size_t, kinds.size()> bytes{};
  int depth = 0;
  bool boxes = false;
  /// Batches: the most samples that this rank puts at once.
  std::int64_t capacity = 0;
  /// Boxes: this rank's slots, of which every producer fills its part.
  TransportKind home = TransportKind::shared;
  std::size_t slots = 0;
  std::size_t stride = 0;
  /// Where each consumed field of a slot begins, and its strides in elements.
  std::vector<std::size_t> begins;
  std::vector<Extents> strides;
};

/// How two ranks reach each other.
struct Reach {
  TransportKind on_node = TransportKind::shared;
  TransportKind between = TransportKind::rma;
  /// This rank's node, by any number that no other node has.
  int node = 0;
  /// By rank, where that is known: empty, or all ranks'.
  std::vector<int> nodes;
};

/// Collective over `comm`: peers tell each other what they must know. Depth 0 chooses by the size
/// of the largest slot of all ranks.
Plan make_plan(MPI_Comm comm, const ChannelOptions& options, const Reference& reference,
               const End& mine, const Links& links, const Reach& reach);

/// Collective among peers, once the windows are there: moves offsets to where window memory begins
/// a line, and tells peers.
void place(MPI_Comm comm, Plan& plan, const std::array<std::size_t, kinds.size()>& skews,
           mpi::Deadline deadline);

/// Slots in a ring: many small ones (latency hides behind them), few large ones (they cost memory
/// and cache, and no time).
int depth_for(std::size_t slot_bytes);

}  // namespace cardan::channel
