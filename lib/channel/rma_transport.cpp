// Anywhere: MPI_Put with datatypes that describe both sides, a flush, and an 8-byte MPI_Put as the
// flag: the one notification that arrives on every one-sided component of Open MPI while the target
// only looks at its memory and probes.

#include "channel/transport.hpp"
#include "mpi/comm.hpp"
#include "mpi/window.hpp"

#include <cardan/error.hpp>

#include <atomic>
#include <climits>
#include <cstring>

namespace cardan::channel {

namespace {

/// `elements` of `size` bytes in a pattern, as a committed datatype whose extent is `step` bytes.
mpi::Type datatype(const Patch& patch, std::int64_t step)
{
  MPI_Datatype current = MPI_DATATYPE_NULL;
  MPI_Type_contiguous(static_cast<int>(patch.element), MPI_BYTE, &current);
  mpi::Type type{current};
  for (int i = patch.count.rank() - 1; i >= 0; --i) {
    if (patch.count[i] > INT_MAX)
      throw Error{"a field has an extent of " + std::to_string(patch.count[i]),
                  "the rma transport moves at most 2^31-1 elements a dimension"};
    MPI_Type_create_hvector(static_cast<int>(patch.count[i]), 1, patch.strides[i], type.get(),
                            &current);
    type = mpi::Type{current};
  }
  MPI_Type_create_resized(type.get(), 0, step, &current);
  type = mpi::Type{current};
  current = type.get();
  mpi::check(MPI_Type_commit(&current), "MPI_Type_commit");
  return type;
}

class RmaRoute : public Route {
 public:
  RmaRoute(MPI_Win window, const Move& move)
      : window_(window),
        bytes_(move.to.bytes()),
        run_(move.from.dense() && move.to.dense() && move.from_step == move.to_step &&
             move.to_step == bytes_ && bytes_ <= INT_MAX)
  {
    if (run_) return;
    from_ = datatype(move.from, move.from_step);
    to_ = datatype(move.to, move.to_step);
  }
  void run(const std::byte* source, int peer, std::size_t offset, std::int64_t items) override
  {
    if (run_) {
      put_bytes(source, peer, static_cast<MPI_Aint>(offset), items * bytes_);
      return;
    }
    if (items > INT_MAX)
      throw Error{"a batch of " + std::to_string(items) + " samples is too large",
                  "the rma transport moves at most 2^31-1 samples at once"};
    mpi::check(MPI_Put(source, static_cast<int>(items), from_.get(), peer,
                       static_cast<MPI_Aint>(offset), static_cast<int>(items), to_.get(), window_),
               "MPI_Put");
  }

 private:
  void put_bytes(const std::byte* source, int peer, MPI_Aint offset, std::int64_t bytes)
  {
    while (bytes > 0) {
      const int part = static_cast<int>(bytes < INT_MAX ? bytes : INT_MAX);
      mpi::check(MPI_Put(source, part, MPI_BYTE, peer, offset, part, MPI_BYTE, window_), "MPI_Put");
      source += part;
      offset += part;
      bytes -= part;
    }
  }

  MPI_Win window_;
  std::int64_t bytes_;
  bool run_;
  mpi::Type from_;
  mpi::Type to_;
};

class RmaTransport : public Transport {
 public:
  RmaTransport(MPI_Comm comm, std::size_t bytes)
  {
    void* base = nullptr;
    MPI_Win raw = MPI_WIN_NULL;
    // Some components hand out a null base for no bytes, and then refuse to unlock.
    const auto size = static_cast<MPI_Aint>(bytes > 0 ? bytes : 64);
    const int code = MPI_Win_allocate(size, 1, MPI_INFO_NULL, comm, &base, &raw);
    if (code != MPI_SUCCESS)
      throw Error{"MPI_Win_allocate failed",
                  "the one-sided component that Open MPI chose cannot be used here",
                  "Try mpirun --mca osc ucx, or --mca osc pt2pt --mca pml ob1."};
    mpi::check(MPI_Win_lock_all(MPI_MODE_NOCHECK, raw), "MPI_Win_lock_all");
    window_ = mpi::Window{raw};
    own_ = static_cast<std::byte*>(base);
    std::memset(own_, 0, static_cast<std::size_t>(size));
    MPI_Win_sync(raw);
    mpi::check(MPI_Barrier(comm), "MPI_Barrier");
  }

  [[nodiscard]] TransportKind kind() const override { return TransportKind::rma; }
  [[nodiscard]] std::byte* memory() const override { return own_; }
  [[nodiscard]] std::unique_ptr<Route> route(const Move& move) override
  {
    return std::make_unique<RmaRoute>(window_.get(), move);
  }
  void write(int peer, std::size_t offset, const void* bytes, std::size_t count) override
  {
    // The origin must stay until the flush: the caller's bytes do, as `raise` follows before it
    // returns.
    const auto size = static_cast<int>(count);
    mpi::check(MPI_Put(bytes, size, MPI_BYTE, peer, static_cast<MPI_Aint>(offset), size, MPI_BYTE,
                       window_.get()),
               "MPI_Put");
  }
  void raise(int peer, std::size_t offset, std::uint64_t value) override
  {
    mpi::check(MPI_Win_flush(peer, window_.get()), "MPI_Win_flush");
    mpi::check(MPI_Put(&value, sizeof value, MPI_BYTE, peer, static_cast<MPI_Aint>(offset),
                       sizeof value, MPI_BYTE, window_.get()),
               "MPI_Put");
    mpi::check(MPI_Win_flush(peer, window_.get()), "MPI_Win_flush");
  }
  [[nodiscard]] std::uint64_t look(std::size_t offset) const override
  {
    std::atomic_ref<std::uint64_t> cell{*reinterpret_cast<std::uint64_t*>(own_ + offset)};
    const std::uint64_t value = cell.load(std::memory_order_acquire);
    MPI_Win_sync(window_.get());
    return value;
  }
  void abandon() noexcept override { static_cast<void>(window_.leave()); }

 private:
  mpi::Window window_;
  std::byte* own_ = nullptr;
};

}  // namespace

std::unique_ptr<Transport> open_rma(MPI_Comm comm, std::size_t bytes)
{
  return std::make_unique<RmaTransport>(comm, bytes);
}

}  // namespace cardan::channel
