/// Transports: how bytes and sequence numbers get into another rank's window memory.
#pragma once

#include "channel/patch.hpp"

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
};

/// A move prepared for one transport.
class Route {
 public:
  virtual ~Route() = default;
  /// Writes `items` items from `source` to `offset` in `peer`'s memory; complete after the next
  /// `raise` to it.
  virtual void run(const std::byte* source, int peer, std::size_t offset, std::int64_t items) = 0;
};

/// One window over all ranks of a channel, open for one-sided access until the end.
class Transport {
 public:
  /// Collective over `comm`: gives this rank `bytes` of window memory, zeroed.
  static std::unique_ptr<Transport> open(TransportKind kind, MPI_Comm comm, std::size_t bytes);
  /// Collective: frees the window, unless it was abandoned.
  virtual ~Transport() = default;

  [[nodiscard]] virtual TransportKind kind() const = 0;
  /// This rank's own window memory.
  [[nodiscard]] virtual std::byte* memory() const = 0;
  [[nodiscard]] virtual std::unique_ptr<Route> route(const Move& move) = 0;
  /// Copies a few bytes; complete after the next `raise`.
  virtual void write(int peer, std::size_t offset, const void* bytes, std::size_t count) = 0;
  /// Completes all earlier writes to `peer`, then stores a sequence number there.
  virtual void raise(int peer, std::size_t offset, std::uint64_t value) = 0;
  /// Reads a sequence number from this rank's own memory; what was written before it is then
  /// visible.
  [[nodiscard]] virtual std::uint64_t look(std::size_t offset) const = 0;
  /// Leaves the window to the end of the process: freeing it would wait for ranks that may be gone.
  virtual void abandon() noexcept = 0;
};

/// Collective: whether all ranks share one node's memory.
bool on_one_node(MPI_Comm comm);

std::unique_ptr<Transport> open_shared(MPI_Comm comm, std::size_t bytes);
std::unique_ptr<Transport> open_rma(MPI_Comm comm, std::size_t bytes);

}  // namespace cardan::channel
