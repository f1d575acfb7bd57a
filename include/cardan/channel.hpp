/// Channels: persistent one-way paths for fields between two groups of ranks.
#pragma once

#include <cardan/field.hpp>

#include <mpi.h>

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace cardan {

/// How bytes move: `shared` by stores into memory that the reader maps (one node), `rma` by
/// MPI_Put; `automatic` takes `shared` where all ranks are on one node.
enum class TransportKind { automatic, shared, rma };

const char* to_string(TransportKind kind) noexcept;

/// What a rank declares of a field before the first step. With a box: this rank's part of a global
/// array. Without: a batch, whose first extent is the most samples that a producer will put at once
/// (consumers leave it 0).
struct FieldSpec {
  std::string name;
  Dtype dtype = Dtype::float64;
  Extents shape;
  std::optional<Box> box;

  static FieldSpec of(const std::string& name, const Field& field);
};

struct ChannelOptions {
  std::string name;
  /// Slots in the ring; 0 chooses by the slot's size (16 for small ones, 2 from 1 MiB).
  int depth = 0;
  /// Seconds after which a wait throws `Late`.
  double deadline = 60;
  TransportKind transport = TransportKind::automatic;
};

/// A step that arrived, read where it lies. Move-only; the slot is free again when this ends.
class Arrival {
 public:
  Arrival(Arrival&& other) noexcept;
  Arrival& operator=(Arrival&&) = delete;
  ~Arrival();

  [[nodiscard]] std::int64_t step() const;
  /// A batch's producer as a rank of the channel's communicator; -1 for boxes, which come from all
  /// producers.
  [[nodiscard]] int producer() const;
  /// A read-only view of the slot: this rank's box, or the batch's samples. Valid until the arrival
  /// ends.
  [[nodiscard]] Field field(const std::string& name) const;

 private:
  friend class Channel;
  struct Slot;
  explicit Arrival(std::unique_ptr<Slot> slot);
  std::unique_ptr<Slot> slot_;
};

/// One end of a channel. All windows are made when it opens; `put` and `take` make no collective
/// call and no allocation in the library's data path. Fields are either all boxes, redistributed
/// from producers to consumers by overlap, or all batches, cut evenly over the consumers.
class Channel {
 public:
  /// Collective over `comm` (duplicated) and blocking. A rank that neither produces nor consumes
  /// gives two empty lists. Throws the same error on all ranks where names, dtypes, shapes or boxes
  /// do not fit together.
  Channel(MPI_Comm comm, const ChannelOptions& options, const std::vector<FieldSpec>& produced,
          const std::vector<FieldSpec>& consumed);
  /// Closes; then collective, unless an exception is passing through.
  ~Channel();
  Channel(Channel&&) noexcept;
  Channel& operator=(Channel&&) = delete;

  /// Producer: writes the step into every overlapping consumer's next slot. Blocks while a ring is
  /// full; `Late` at the deadline. The fields may be changed as soon as it returns.
  void put(std::int64_t step, std::span<const NamedField> fields);
  void put(std::int64_t step, std::initializer_list<NamedField> fields);
  /// Consumer: the next whole step (boxes) or the next batch of any producer. Blocks; `Late` at the
  /// deadline; nothing when all producers have closed and all is read. One arrival at a time.
  [[nodiscard]] std::optional<Arrival> take();
  /// Producer: says that nothing more will come. Neither collective nor blocking.
  void close();

  /// What was chosen.
  [[nodiscard]] TransportKind transport() const;
  [[nodiscard]] int depth() const;
  /// Bytes of window memory on this rank, and ranks that it sends to and receives from.
  [[nodiscard]] std::size_t window_bytes() const;
  [[nodiscard]] int peers() const;

 private:
  friend class Arrival;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace cardan
