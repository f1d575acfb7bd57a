// For MPIs whose windows do not work: what is written to a peer until its next sequence number is
// raised travels as one message, and the peer puts it in its place when it looks.

#include "channel/transport.hpp"
#include "mpi/comm.hpp"

#include <cardan/error.hpp>

#include <cstring>
#include <utility>
#include <vector>

namespace cardan::channel {

namespace {

/// Messages are counted in blocks, so that an int counts more than 2^31 bytes.
constexpr std::size_t block = 64;
constexpr int message_tag = 21;
/// Messages under way to one peer before a sender waits.
constexpr std::size_t buffers_per_peer = 4;

/// What stands at the begin of a message.
struct Envelope {
  std::int64_t segments = 0;
  std::int64_t raised_at = 0;
  std::uint64_t raised_to = 0;
};

/// What stands before the dense bytes of one write.
struct Segment {
  Patch to;
  std::int64_t offset = 0;
  std::int64_t items = 0;
  std::int64_t step = 0;
};

/// A message that is being written, or is under way.
struct Buffer {
  std::vector<std::byte> bytes;
  MPI_Request request = MPI_REQUEST_NULL;

  /// An empty message.
  void clear()
  {
    bytes.resize(sizeof(Envelope));
    std::memset(bytes.data(), 0, sizeof(Envelope));
  }
  /// Room for `count` more bytes.
  std::byte* grow(std::size_t count)
  {
    const std::size_t end = bytes.size();
    bytes.resize(end + count);
    return bytes.data() + end;
  }
};

struct Peer {
  int rank = 0;
  std::vector<Buffer> buffers;
  std::size_t current = 0;

  Buffer& open() { return buffers[current]; }
};

/// A message of so many bytes, with room for what stands around a few writes.
std::size_t message_bytes(std::size_t written)
{
  return (sizeof(Envelope) + written + 8 * sizeof(Segment) + 2 * block) / block * block;
}

/// Everything that MPI may still touch: left behind where a peer is gone.
struct State {
  std::vector<Peer> peers;
  std::vector<std::byte> memory;
  std::vector<std::byte> incoming;
  MPI_Request receiving = MPI_REQUEST_NULL;
  std::size_t expected = 0;
  MPI_Datatype type = MPI_DATATYPE_NULL;
};

class TwoSidedTransport;

class TwoSidedRoute : public Route {
 public:
  TwoSidedRoute(TwoSidedTransport& transport, const Move& move)
      : transport_(transport), move_(move), run_(move.dense())
  {}
  void run(const std::byte* source, int peer, std::size_t offset, std::int64_t items) override;

 private:
  TwoSidedTransport& transport_;
  Move move_;
  bool run_;
};

class TwoSidedTransport : public Transport {
 public:
  TwoSidedTransport(MPI_Comm comm, std::size_t bytes, double deadline)
      : comm_(mpi::duplicate(comm)), deadline_(deadline), state_(std::make_unique<State>())
  {
    state_->memory.resize(bytes + block);
    MPI_Type_contiguous(static_cast<int>(block), MPI_BYTE, &state_->type);
    MPI_Type_commit(&state_->type);
  }
  ~TwoSidedTransport() override;
  TwoSidedTransport(const TwoSidedTransport&) = delete;
  TwoSidedTransport& operator=(const TwoSidedTransport&) = delete;

  [[nodiscard]] TransportKind kind() const override { return TransportKind::two_sided; }
  [[nodiscard]] std::byte* memory() const override { return state_->memory.data(); }
  [[nodiscard]] int connect(int rank, std::size_t sends, std::size_t receives) override
  {
    Peer peer;
    peer.rank = rank;
    peer.buffers.resize(buffers_per_peer);
    for (auto& buffer : peer.buffers) {
      buffer.bytes.reserve(message_bytes(sends));
      buffer.bytes.resize(sizeof(Envelope));
    }
    if (state_->incoming.size() < message_bytes(receives))
      state_->incoming.resize(message_bytes(receives));
    state_->peers.push_back(std::move(peer));
    return static_cast<int>(state_->peers.size()) - 1;
  }
  [[nodiscard]] std::unique_ptr<Route> route(const Move& move) override
  {
    return std::make_unique<TwoSidedRoute>(*this, move);
  }
  void write(int peer, std::size_t offset, const void* bytes, std::size_t count) override
  {
    const auto length = static_cast<std::int64_t>(count);
    std::memcpy(segment(peer, {{1, {length}, {1}}, static_cast<std::int64_t>(offset), 1, length}),
                bytes, count);
  }
  void raise(int peer, std::size_t offset, std::uint64_t value) override;
  [[nodiscard]] std::uint64_t look(std::size_t offset) override
  {
    progress();
    std::uint64_t value = 0;
    std::memcpy(&value, memory() + offset, sizeof value);
    return value;
  }
  void fence() override {}
  [[nodiscard]] bool overwrites() const override { return false; }
  void discard(int peer) override { state_->peers[static_cast<std::size_t>(peer)].open().clear(); }
  void abandon() noexcept override { abandoned_ = true; }

  /// Begins a segment of the message to a peer; gives where its dense bytes go.
  std::byte* segment(int peer, const Segment& description);

 private:
  void progress();
  void deliver();
  bool sent(Buffer& buffer)
  {
    int done = 0;
    mpi::check(MPI_Test(&buffer.request, &done, MPI_STATUS_IGNORE), "MPI_Test");
    return done != 0;
  }

  mpi::Comm comm_;
  double deadline_;
  std::unique_ptr<State> state_;
  bool abandoned_ = false;
};

std::byte* TwoSidedTransport::segment(int peer, const Segment& description)
{
  Buffer& buffer = state_->peers[static_cast<std::size_t>(peer)].open();
  const auto bytes = static_cast<std::size_t>(description.items * description.to.bytes());
  std::byte* at = buffer.grow(sizeof description + (bytes + 7) / 8 * 8);
  std::memcpy(at, &description, sizeof description);
  Envelope envelope;
  std::memcpy(&envelope, buffer.bytes.data(), sizeof envelope);
  ++envelope.segments;
  std::memcpy(buffer.bytes.data(), &envelope, sizeof envelope);
  return at + sizeof description;
}

void TwoSidedRoute::run(const std::byte* source, int peer, std::size_t offset, std::int64_t items)
{
  std::byte* dense =
      transport_.segment(peer, {move_.to, static_cast<std::int64_t>(offset), items, move_.to_step});
  const std::int64_t bytes = move_.to.bytes();
  if (run_) {
    std::memcpy(dense, source, static_cast<std::size_t>(items * bytes));
    return;
  }
  const Patch packed = patch_in(move_.to.count, move_.to.count, move_.to.element);
  for (std::int64_t i = 0; i < items; ++i)
    copy(move_.from, source + i * move_.from_step, packed, dense + i * bytes);
}

void TwoSidedTransport::raise(int peer, std::size_t offset, std::uint64_t value)
{
  Peer& to = state_->peers[static_cast<std::size_t>(peer)];
  Buffer& buffer = to.open();
  Envelope envelope;
  std::memcpy(&envelope, buffer.bytes.data(), sizeof envelope);
  envelope.raised_at = static_cast<std::int64_t>(offset);
  envelope.raised_to = value;
  std::memcpy(buffer.bytes.data(), &envelope, sizeof envelope);
  const std::size_t blocks = (buffer.bytes.size() + block - 1) / block;
  buffer.bytes.resize(blocks * block);
  mpi::check(MPI_Isend(buffer.bytes.data(), static_cast<int>(blocks), state_->type, to.rank,
                       message_tag, comm_.get(), &buffer.request),
             "MPI_Isend");
  to.current = (to.current + 1) % to.buffers.size();
  Buffer& next = to.open();
  // Both ends of a pair may be full: what is under way to this rank is received meanwhile.
  const bool free = mpi::wait_until(
      [&] {
        if (sent(next)) return true;
        progress();
        return false;
      },
      mpi::Deadline::in(deadline_));
  if (!free) mpi::throw_late("a message to another rank");
  next.clear();
}

/// Receives without waiting; a message is put in its place when all of it is there.
void TwoSidedTransport::progress()
{
  for (;;) {
    if (state_->receiving == MPI_REQUEST_NULL) {
      int there = 0;
      MPI_Message message = MPI_MESSAGE_NULL;
      MPI_Status status;
      mpi::check(MPI_Improbe(MPI_ANY_SOURCE, message_tag, comm_.get(), &there, &message, &status),
                 "MPI_Improbe");
      if (there == 0) return;
      int blocks = 0;
      MPI_Get_count(&status, state_->type, &blocks);
      const auto bytes = static_cast<std::size_t>(blocks) * block;
      if (state_->incoming.size() < bytes) state_->incoming.resize(bytes);
      mpi::check(
          MPI_Imrecv(state_->incoming.data(), blocks, state_->type, &message, &state_->receiving),
          "MPI_Imrecv");
    }
    int done = 0;
    mpi::check(MPI_Test(&state_->receiving, &done, MPI_STATUS_IGNORE), "MPI_Test");
    if (done == 0) return;
    deliver();
  }
}

void TwoSidedTransport::deliver()
{
  const std::byte* at = state_->incoming.data();
  Envelope envelope;
  std::memcpy(&envelope, at, sizeof envelope);
  at += sizeof envelope;
  for (std::int64_t s = 0; s < envelope.segments; ++s) {
    Segment segment;
    std::memcpy(&segment, at, sizeof segment);
    at += sizeof segment;
    const std::int64_t bytes = segment.to.bytes();
    const Patch packed = patch_in(segment.to.count, segment.to.count, segment.to.element);
    std::byte* target = memory() + segment.offset;
    if (segment.to.dense() && segment.step == bytes)
      std::memcpy(target, at, static_cast<std::size_t>(segment.items * bytes));
    else
      for (std::int64_t i = 0; i < segment.items; ++i)
        copy(packed, at + i * bytes, segment.to, target + i * segment.step);
    at += (segment.items * bytes + 7) / 8 * 8;
  }
  std::memcpy(memory() + envelope.raised_at, &envelope.raised_to, sizeof envelope.raised_to);
}

// Every rank first sees its own messages off, receiving meanwhile, and then waits for the others to
// have done so.
TwoSidedTransport::~TwoSidedTransport()
{
  bool quiet = !abandoned_ && mpi::alive();
  try {
    const auto deadline = mpi::Deadline::in(deadline_);
    const auto all_sent = [&] {
      progress();
      for (auto& peer : state_->peers)
        for (auto& buffer : peer.buffers)
          if (!sent(buffer)) return false;
      return true;
    };
    quiet = quiet && mpi::wait_until(all_sent, deadline);
    MPI_Request barrier = MPI_REQUEST_NULL;
    if (quiet) mpi::check(MPI_Ibarrier(comm_.get(), &barrier), "MPI_Ibarrier");
    const auto all_here = [&] {
      progress();
      int done = 0;
      mpi::check(MPI_Test(&barrier, &done, MPI_STATUS_IGNORE), "MPI_Test");
      return done != 0;
    };
    quiet = quiet && mpi::wait_until(all_here, deadline);
  } catch (const Error&) {
    quiet = false;
  }
  if (quiet) {
    MPI_Type_free(&state_->type);
    return;
  }
  static_cast<void>(state_.release());
  static_cast<void>(comm_.leave());
}

}  // namespace

std::unique_ptr<Transport> open_two_sided(MPI_Comm comm, std::size_t bytes, double deadline)
{
  return std::make_unique<TwoSidedTransport>(comm, bytes, deadline);
}

}  // namespace cardan::channel
