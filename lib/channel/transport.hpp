/// Transports: how bytes and sequence numbers get into another rank's memory.
#pragma once

#include "channel/patch.hpp"
#include "mpi/deadline.hpp"

#include <cardan/channel.hpp>

#include <mpi.h>

#include <cstddef>
#include <cstdint>
#include <memory>

namespace cardan::channel {

/// How one item (a box, or a sample of a batch) goes from an array into a slot; kept from step to
/// step.
struct Move {
  Patch from;
  Patch to;
  /// Bytes from one sample to the next; unused where single items move.
  std::int64_t from_step = 0;
  std::int64_t to_step = 0;

  /// Whether any number of items is one run of bytes on both sides.
  [[nodiscard]] bool dense() const noexcept;
};

/// A move prepared for one transport.
class Route {
 public:
  virtual ~Route() = default;
  /// Writes `items` items from `source` to `offset` in a peer's memory; complete after the next
  /// `raise` to it. The source may be changed after that.
  virtual void run(const std::byte* source, int peer, std::size_t offset, std::int64_t items) = 0;
};

/// Memory on every rank of a communicator that the others write to, open until the end.
class Transport {
 public:
  /// Collective: frees what was opened, unless it was abandoned.
  virtual ~Transport() = default;

  [[nodiscard]] virtual TransportKind kind() const = 0;
  /// This rank's own memory.
  [[nodiscard]] virtual std::byte* memory() const = 0;
  /// The number by which the other functions know a rank of the communicator. `sends` and
  /// `receives`: bytes that are written to it, and by it, between two raises.
  [[nodiscard]] virtual int connect(int rank, std::size_t sends, std::size_t receives) = 0;
  [[nodiscard]] virtual std::unique_ptr<Route> route(const Move& move) = 0;
  /// Copies a few bytes; complete after the next `raise`.
  virtual void write(int peer, std::size_t offset, const void* bytes, std::size_t count) = 0;
  /// Completes all earlier writes to a peer, then stores a sequence number there.
  virtual void raise(int peer, std::size_t offset, std::uint64_t value) = 0;
  /// Reads a sequence number from this rank's own memory; what was written before it is then
  /// visible.
  [[nodiscard]] virtual std::uint64_t look(std::size_t offset) = 0;
  /// Nothing that is looked at after this is older than what was raised before it: on both sides,
  /// one of two ranks that raise and then look sees the other's number.
  virtual void fence() = 0;
  /// Whether a slot that was published can be taken back and written over.
  [[nodiscard]] virtual bool overwrites() const { return true; }
  /// Forgets what was written to a peer since the last raise. Only where nothing is overwritten.
  virtual void discard(int) {}
  /// A peer's memory, where this rank can store to it; null elsewhere.
  [[nodiscard]] virtual std::byte* mapped(int, std::size_t) const { return nullptr; }
  /// As if opened anew, with `bytes` of zeroed memory, at most what there was room for; nobody may
  /// write to it any more, or before all ranks are done. Only of windows.
  virtual void renew(std::size_t) {}
  /// Leaves everything to the end of the process: freeing it would wait for ranks that may be gone.
  virtual void abandon() noexcept = 0;
};

/// Collective over `comm`: `bytes` of zeroed memory on this rank, and room for as many as `room` if
/// that is more. Of `open_shared` all ranks must share a node; `ranks` are its ranks in another
/// communicator, by which `connect` knows them.
std::unique_ptr<Transport> open_shared(MPI_Comm node, MPI_Comm ranks, std::size_t bytes,
                                       std::size_t room = 0);
std::unique_ptr<Transport> open_rma(MPI_Comm comm, std::size_t bytes, std::size_t room = 0);
/// `deadline`: seconds that a full buffer is waited for.
std::unique_ptr<Transport> open_two_sided(MPI_Comm comm, std::size_t bytes, double deadline);

}  // namespace cardan::channel
