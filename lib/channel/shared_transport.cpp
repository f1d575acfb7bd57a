// On one node: the window is memory that every rank maps. A field is written once, by plain stores,
// to where its reader will read it; a release store of the sequence number says that it is whole.

#include "channel/transport.hpp"
#include "mpi/comm.hpp"
#include "mpi/window.hpp"

#include <atomic>
#include <cstring>
#include <vector>

namespace cardan::channel {

namespace {

class SharedTransport;

class SharedRoute : public Route {
 public:
  SharedRoute(const SharedTransport& transport, const Move& move)
      : transport_(transport),
        move_(move),
        run_(move.from.dense() && move.to.dense() && move.from_step == move.to_step &&
             move.to_step == move.to.bytes())
  {}
  void run(const std::byte* source, int peer, std::size_t offset, std::int64_t items) override;

 private:
  const SharedTransport& transport_;
  Move move_;
  bool run_;
};

class SharedTransport : public Transport {
 public:
  SharedTransport(MPI_Comm comm, std::size_t bytes)
  {
    MPI_Info info = MPI_INFO_NULL;
    MPI_Info_create(&info);
    // Each rank's part on pages of its own: its reader's memory lies near its reader.
    MPI_Info_set(info, "alloc_shared_noncontig", "true");
    void* base = nullptr;
    MPI_Win raw = MPI_WIN_NULL;
    const int code =
        MPI_Win_allocate_shared(static_cast<MPI_Aint>(bytes), 1, info, comm, &base, &raw);
    MPI_Info_free(&info);
    mpi::check(code, "MPI_Win_allocate_shared");
    mpi::check(MPI_Win_lock_all(MPI_MODE_NOCHECK, raw), "MPI_Win_lock_all");
    window_ = mpi::Window{raw};
    for (int peer = 0; peer < mpi::size(comm); ++peer) {
      MPI_Aint size = 0;
      int unit = 0;
      void* address = nullptr;
      mpi::check(MPI_Win_shared_query(raw, peer, &size, &unit, &address), "MPI_Win_shared_query");
      bases_.push_back(static_cast<std::byte*>(address));
    }
    own_ = bases_[static_cast<std::size_t>(mpi::rank(comm))];
    if (bytes > 0) std::memset(own_, 0, bytes);
    mpi::check(MPI_Barrier(comm), "MPI_Barrier");
  }

  [[nodiscard]] TransportKind kind() const override { return TransportKind::shared; }
  [[nodiscard]] std::byte* memory() const override { return own_; }
  [[nodiscard]] std::byte* at(int peer, std::size_t offset) const
  {
    return bases_[static_cast<std::size_t>(peer)] + offset;
  }
  [[nodiscard]] std::unique_ptr<Route> route(const Move& move) override
  {
    return std::make_unique<SharedRoute>(*this, move);
  }
  void write(int peer, std::size_t offset, const void* bytes, std::size_t count) override
  {
    std::memcpy(at(peer, offset), bytes, count);
  }
  void raise(int peer, std::size_t offset, std::uint64_t value) override
  {
    cell(at(peer, offset)).store(value, std::memory_order_release);
  }
  [[nodiscard]] std::uint64_t look(std::size_t offset) const override
  {
    return cell(own_ + offset).load(std::memory_order_acquire);
  }
  void abandon() noexcept override { static_cast<void>(window_.leave()); }

 private:
  static std::atomic_ref<std::uint64_t> cell(std::byte* address)
  {
    return std::atomic_ref<std::uint64_t>{*reinterpret_cast<std::uint64_t*>(address)};
  }

  mpi::Window window_;
  std::vector<std::byte*> bases_;
  std::byte* own_ = nullptr;
};

void SharedRoute::run(const std::byte* source, int peer, std::size_t offset, std::int64_t items)
{
  std::byte* target = transport_.at(peer, offset);
  if (run_) {
    std::memcpy(target, source, static_cast<std::size_t>(items * move_.to_step));
    return;
  }
  for (std::int64_t i = 0; i < items; ++i)
    copy(move_.from, source + i * move_.from_step, move_.to, target + i * move_.to_step);
}

}  // namespace

std::unique_ptr<Transport> open_shared(MPI_Comm comm, std::size_t bytes)
{
  return std::make_unique<SharedTransport>(comm, bytes);
}

}  // namespace cardan::channel
