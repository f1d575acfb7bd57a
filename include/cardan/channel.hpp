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
#include <string_view>
#include <vector>

namespace cardan {

namespace channel {
class Endpoint;
}

/// How bytes move. `shared`: stores into memory that the reader maps, between ranks of one node.
/// `rma`: MPI_Put into the reader's window. `two_sided`: messages, for MPIs whose windows do not
/// work. `automatic`: what passes a self-test when the channel opens, `shared` on a node and `rma`
/// between nodes if they do; `mixed` where a channel has both.
enum class TransportKind { automatic, shared, rma, two_sided, mixed };

const char* to_string(TransportKind kind) noexcept;

/// Which index of an array varies fastest in memory. `any`, for consumers: as the producers hold
/// theirs, so that nothing is transposed on the way.
enum class Order { row_major, column_major, any };

/// What a rank declares of a field before the first step. With a box: this rank's part of a global
/// array. Without: a batch, whose first extent is the most samples that a producer will put at once
/// (consumers leave it 0).
struct FieldSpec {
  std::string name;
  Dtype dtype = Dtype::float64;
  Extents shape;
  std::optional<Box> box;
  /// Boxes, consumers: how the slot is laid out. Producers put any strides.
  Order order = Order::row_major;

  /// Of a field that a producer will put.
  static FieldSpec of(const std::string& name, const Field& field);
};

/// What `put` does where a consumer has not read what is in its ring. `drop_oldest` writes over the
/// oldest step; one whose slot the consumer is reading at that moment is left out instead.
/// `drop_newest` leaves out the new one. All are counted and neither waits. (`two_sided` cannot
/// write over what was sent: there `drop_oldest` keeps the newest step with the producer until
/// there is room.)
enum class Policy { block, drop_oldest, drop_newest };

struct ChannelOptions {
  std::string name;
  /// Slots in the ring; 0 chooses by the slot's size (many small ones, 2 from 1 MiB).
  int depth = 0;
  /// Seconds after which a wait throws `Late`.
  double deadline = 60;
  TransportKind transport = TransportKind::automatic;
  Policy policy = Policy::block;
  /// Only every so manieth put is sent, the first one included.
  std::int64_t every = 1;
  /// Whether producers' boxes may leave gaps; elements that nobody produces read as zero.
  bool partial = false;
  /// `automatic` transport only: `rma` or `two_sided` between nodes instead of the self-test's
  /// choice.
  TransportKind between_nodes = TransportKind::automatic;
};

/// What a channel's end has seen. A delivery is one step for one consumer.
struct ChannelCounters {
  /// Producer: steps that `put` or a published claim offered, and how many of them `every` left
  /// out.
  std::int64_t put = 0;
  std::int64_t skipped = 0;
  /// Producer: deliveries written, left out because the ring was full, and written over unread.
  std::int64_t written = 0;
  std::int64_t dropped = 0;
  std::int64_t overwritten = 0;
  /// Consumer: steps read, and steps passed over (dropped, written over, or older than the newest).
  std::int64_t taken = 0;
  std::int64_t missed = 0;
  /// Seconds spent waiting for room or for data.
  double waited = 0;
};

/// Which step a consumer wants: the next one, or the newest whole one, older ones being passed
/// over.
enum class Pick { next, latest };

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
  /// ends. Throws where there is no such field.
  [[nodiscard]] const Field& field(std::string_view name) const;

 private:
  friend class Channel;
  Arrival(channel::Endpoint& end, int lane) : end_(&end), lane_(lane) {}
  channel::Endpoint* end_;
  int lane_;
};

/// The memory of a step to come, for the producer to write its fields into. Move-only. Without
/// `publish` nothing was ever there: no step is sent or counted, and the slot stays free.
class Claim {
 public:
  Claim(Claim&& other) noexcept;
  Claim& operator=(Claim&&) = delete;
  ~Claim();

  /// This rank's box, or a batch of as many samples as were declared; writable, of any content.
  /// Valid until `publish`. As `std::span` by `span`, as an unmanaged Kokkos::View by
  /// `cardan::view` (kokkos.hpp).
  [[nodiscard]] const Field& field(std::string_view name) const;
  /// The same where it is dense; throws where it is not, or is of another type.
  template <Element T>
  [[nodiscard]] std::span<T> span(std::string_view name) const;
  /// True where this is the consumer's own slot: nothing is copied any more. False where the memory
  /// is the producer's: with several consumers, or across nodes.
  [[nodiscard]] bool in_place() const;
  /// Makes it the consumers'. Of a batch only the first `samples` go. Does not block.
  void publish(std::optional<std::int64_t> samples = {});

 private:
  friend class Channel;
  Claim(channel::Endpoint& end, std::int64_t step) : end_(&end), step_(step) {}
  channel::Endpoint* end_;
  std::int64_t step_;
};

/// One end of a channel. All windows are made when it opens; afterwards only `rebox` is collective
/// or allocates. Fields are either all boxes, redistributed from producers to consumers by overlap,
/// or all batches, whose samples are spread evenly over the consumers. Not thread-safe.
class Channel {
 public:
  /// Collective over `comm` (duplicated) and blocking. A rank that neither produces nor consumes
  /// gives two empty lists. Throws the same error on all ranks where names, dtypes, shapes or boxes
  /// do not fit together, or the transport does not work.
  Channel(MPI_Comm comm, const ChannelOptions& options, const std::vector<FieldSpec>& produced,
          const std::vector<FieldSpec>& consumed);
  /// Closes; then collective, unless an exception is passing through.
  ~Channel();
  Channel(Channel&&) noexcept;
  Channel& operator=(Channel&&) = delete;

  /// Producer: writes the step into every overlapping consumer's next slot. Where a ring is full
  /// the policy decides; `block` throws `Late` at the deadline. The fields may be changed as soon
  /// as it returns.
  void put(std::int64_t step, std::span<const NamedField> fields);
  void put(std::int64_t step, std::initializer_list<NamedField> fields);
  /// Producer: the next slot itself, to be written and published; one claim at a time. Waits for
  /// room as `put` does; nothing where the policy or `every` leaves this step out.
  [[nodiscard]] std::optional<Claim> claim(std::int64_t step);
  /// Consumer: a view of the next whole step (boxes) or of the next batch of any producer. Blocks;
  /// `Late` at the deadline; nothing when all producers have closed and all is read. One arrival at
  /// a time.
  [[nodiscard]] std::optional<Arrival> peek(Pick pick = Pick::next);
  /// The same without waiting: nothing where nothing has arrived.
  [[nodiscard]] std::optional<Arrival> try_peek(Pick pick = Pick::next);
  /// Consumer: copies the next whole step into arrays of any strides and gives its number; boxes
  /// only. Blocks and ends as `peek` does.
  std::optional<std::int64_t> take(std::span<const NamedField> fields, Pick pick = Pick::next);
  std::optional<std::int64_t> take(std::initializer_list<NamedField> fields,
                                   Pick pick = Pick::next);
  /// Producer: says that nothing more will come. Not collective, and blocks only where `two_sided`
  /// still keeps the newest step of `drop_oldest`, until the deadline.
  void close();
  /// Other boxes from the next step on, as an adaptive mesh needs. Collective over the channel's
  /// communicator and blocking: makes a new plan and, for it, new windows. What was put must have
  /// been read (`block`), or is passed over and counted. Throws the same error on all ranks, and
  /// then nothing has changed.
  void rebox(const std::vector<FieldSpec>& produced, const std::vector<FieldSpec>& consumed);

  /// What was chosen, and for whom: `mixed` where peers share a node and others do not.
  [[nodiscard]] TransportKind transport() const;
  [[nodiscard]] int depth() const;
  /// Bytes of window memory on this rank, and ranks that it sends to and receives from.
  [[nodiscard]] std::size_t window_bytes() const;
  [[nodiscard]] int peers() const;
  [[nodiscard]] const ChannelCounters& counters() const;

 private:
  std::unique_ptr<channel::Endpoint> end_;
};

template <Element T>
std::span<T> Claim::span(std::string_view name) const
{
  const Field& whole = field(name);
  whole.expect_dense(dtype_of<T>::value);
  return {static_cast<T*>(whole.writable()), static_cast<std::size_t>(whole.shape().product())};
}

}  // namespace cardan
