// On one node: the window is memory that every rank maps. A field is written once, by plain stores,
// to where its reader will read it; a release store of the sequence number says that it is whole.

#include "channel/transport.hpp"
#include "mpi/comm.hpp"
#include "mpi/window.hpp"

#include <cardan/error.hpp>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <vector>

namespace cardan::channel {

namespace {

class SharedTransport;

/// In pieces: one memcpy of more than the second-level cache holds was a quarter slower.
void copy_run(std::byte* target, const std::byte* source, std::size_t bytes)
{
  constexpr std::size_t piece = std::size_t{256} << 10;
  for (; bytes > piece; bytes -= piece, target += piece, source += piece)
    std::memcpy(target, source, piece);
  std::memcpy(target, source, bytes);
}

class SharedRoute : public Route {
 public:
  SharedRoute(const SharedTransport& transport, const Move& move)
      : transport_(transport), move_(move), run_(move.dense())
  {}
  void run(const std::byte* source, int peer, std::size_t offset, std::int64_t items) override;

 private:
  const SharedTransport& transport_;
  Move move_;
  bool run_;
};

class SharedTransport : public Transport {
 public:
  SharedTransport(MPI_Comm comm, MPI_Comm ranks, std::size_t bytes, std::size_t room)
  {
    MPI_Comm_group(comm, &node_);
    MPI_Comm_group(ranks, &ranks_);
    MPI_Info info = MPI_INFO_NULL;
    MPI_Info_create(&info);
    // Each rank's part on pages of its own: its reader's memory lies near its reader.
    MPI_Info_set(info, "alloc_shared_noncontig", "true");
    void* base = nullptr;
    MPI_Win raw = MPI_WIN_NULL;
    const int code =
        MPI_Win_allocate_shared(static_cast<MPI_Aint>(room), 1, info, comm, &base, &raw);
    MPI_Info_free(&info);
    if (code != MPI_SUCCESS)
      throw Error{"MPI_Win_allocate_shared failed",
                  "the one-sided component that Open MPI was told to take shares no memory",
                  "Set kind = \"auto\" or \"rma\" in [transport], or run without --mca osc."};
    mpi::check(MPI_Win_lock_all(MPI_MODE_NOCHECK, raw), "MPI_Win_lock_all");
    window_ = mpi::Window{raw};
    own_ = base_of(mpi::rank(comm));
    renew(bytes);
    mpi::check(MPI_Barrier(comm), "MPI_Barrier");
  }

  ~SharedTransport() override
  {
    if (!mpi::alive()) return;
    MPI_Group_free(&node_);
    MPI_Group_free(&ranks_);
  }
  SharedTransport(const SharedTransport&) = delete;
  SharedTransport& operator=(const SharedTransport&) = delete;

  [[nodiscard]] TransportKind kind() const override { return TransportKind::shared; }
  [[nodiscard]] std::byte* memory() const override { return own_; }
  [[nodiscard]] int connect(int rank, std::size_t, std::size_t) override
  {
    int there = 0;
    MPI_Group_translate_ranks(ranks_, 1, &rank, node_, &there);
    bases_.push_back(base_of(there));
    return static_cast<int>(bases_.size()) - 1;
  }
  [[nodiscard]] std::byte* mapped(int peer, std::size_t offset) const override
  {
    return bases_[static_cast<std::size_t>(peer)] + offset;
  }
  [[nodiscard]] std::unique_ptr<Route> route(const Move& move) override
  {
    return std::make_unique<SharedRoute>(*this, move);
  }
  void write(int peer, std::size_t offset, const void* bytes, std::size_t count) override
  {
    std::memcpy(mapped(peer, offset), bytes, count);
  }
  void raise(int peer, std::size_t offset, std::uint64_t value) override
  {
    cell(mapped(peer, offset)).store(value, std::memory_order_release);
  }
  [[nodiscard]] std::uint64_t look(std::size_t offset) override
  {
    return cell(own_ + offset).load(std::memory_order_acquire);
  }
  void fence() override { std::atomic_thread_fence(std::memory_order_seq_cst); }
  void renew(std::size_t bytes) final
  {
    bases_.clear();
    if (bytes > 0) std::memset(own_, 0, bytes);
  }
  void abandon() noexcept override { static_cast<void>(window_.leave()); }

 private:
  [[nodiscard]] std::byte* base_of(int rank) const
  {
    MPI_Aint size = 0;
    int unit = 0;
    void* address = nullptr;
    mpi::check(MPI_Win_shared_query(window_.get(), rank, &size, &unit, &address),
               "MPI_Win_shared_query");
    return static_cast<std::byte*>(address);
  }
  static std::atomic_ref<std::uint64_t> cell(std::byte* address)
  {
    return std::atomic_ref<std::uint64_t>{*reinterpret_cast<std::uint64_t*>(address)};
  }

  mpi::Window window_;
  MPI_Group node_ = MPI_GROUP_NULL;
  MPI_Group ranks_ = MPI_GROUP_NULL;
  std::vector<std::byte*> bases_;
  std::byte* own_ = nullptr;
};

void SharedRoute::run(const std::byte* source, int peer, std::size_t offset, std::int64_t items)
{
  std::byte* target = transport_.mapped(peer, offset);
  if (run_) {
    copy_run(target, source, static_cast<std::size_t>(items * move_.to_step));
    return;
  }
  for (std::int64_t i = 0; i < items; ++i)
    copy(move_.from, source + i * move_.from_step, move_.to, target + i * move_.to_step);
}

}  // namespace

std::unique_ptr<Transport> open_shared(MPI_Comm node, MPI_Comm ranks, std::size_t bytes,
                                       std::size_t room)
{
  return std::make_unique<SharedTransport>(node, ranks, bytes, std::max(bytes, room));
}

}  // namespace cardan::channel
