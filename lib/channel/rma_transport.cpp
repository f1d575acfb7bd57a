// Anywhere: MPI_Put with datatypes that describe both sides, a flush, and an 8-byte MPI_Put as the
// flag: the one notification that arrives on every one-sided component of Open MPI while the target
// only looks at its memory and probes.

#include "channel/datatype.hpp"
#include "channel/transport.hpp"
#include "mpi/comm.hpp"
#include "mpi/window.hpp"

#include <cardan/error.hpp>

#include <algorithm>
#include <atomic>
#include <climits>
#include <cstring>
#include <vector>

namespace cardan::channel {

namespace {

/// Open MPI 4.1.4 takes single bytes that lie backwards for bytes that lie forwards: they are
/// packed here instead.
bool backwards(const Patch& from)
{
  for (int i = 0; i < from.strides.rank(); ++i)
    if (from.element == 1 && from.strides[i] < 0 && from.count[i] > 1) return true;
  return false;
}

class RmaRoute : public Route {
 public:
  RmaRoute(MPI_Win window, const Move& move)
      : window_(window),
        bytes_(move.to.bytes()),
        from_step_(move.from_step),
        to_step_(move.to_step),
        run_(move.dense())
  {
    if (run_) return;
    to_ = datatype(move.to, move.to_step);
    if (backwards(move.from)) {
      packs_ = true;
      from_patch_ = move.from;
      packed_ = patch_in(move.to.count, move.to.count, move.to.element);
      scratch_.resize(static_cast<std::size_t>(bytes_));
      from_ = datatype(packed_, bytes_);
    } else {
      from_ = datatype(move.from, move.from_step);
    }
  }
  void run(const std::byte* source, int peer, std::size_t offset, std::int64_t items) override
  {
    if (run_) {
      put_bytes(source, peer, static_cast<MPI_Aint>(offset), items * bytes_);
      return;
    }
    for (std::int64_t i = 0; packs_ && i < items; ++i) {
      copy(from_patch_, source + i * from_step_, packed_, scratch_.data());
      mpi::check(MPI_Put(scratch_.data(), 1, from_.get(), peer,
                         static_cast<MPI_Aint>(offset) + i * to_step_, 1, to_.get(), window_),
                 "MPI_Put");
      mpi::check(MPI_Win_flush(peer, window_), "MPI_Win_flush");
    }
    for (std::int64_t done = 0; !packs_ && done < items;) {
      const auto part = static_cast<int>(std::min<std::int64_t>(items - done, INT_MAX));
      mpi::check(MPI_Put(source + done * from_step_, part, from_.get(), peer,
                         static_cast<MPI_Aint>(offset) + done * to_step_, part, to_.get(), window_),
                 "MPI_Put");
      done += part;
    }
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
  std::int64_t from_step_;
  std::int64_t to_step_;
  bool run_;
  bool packs_ = false;
  Patch from_patch_;
  Patch packed_;
  std::vector<std::byte> scratch_;
  mpi::Type from_;
  mpi::Type to_;
};

class RmaTransport : public Transport {
 public:
  RmaTransport(MPI_Comm comm, std::size_t bytes, std::size_t room)
  {
    void* base = nullptr;
    MPI_Win raw = MPI_WIN_NULL;
    // Some components hand out a null base for no bytes, and then refuse to unlock.
    const auto size = static_cast<MPI_Aint>(room > 0 ? room : 64);
    const int code = MPI_Win_allocate(size, 1, MPI_INFO_NULL, comm, &base, &raw);
    if (code != MPI_SUCCESS)
      throw Error{"MPI_Win_allocate failed",
                  "the one-sided component that Open MPI chose cannot be used here",
                  "Set kind = \"two_sided\" in [transport], or try mpirun --mca osc ucx."};
    mpi::check(MPI_Win_lock_all(MPI_MODE_NOCHECK, raw), "MPI_Win_lock_all");
    window_ = mpi::Window{raw};
    own_ = static_cast<std::byte*>(base);
    renew(bytes);
    self_ = mpi::duplicate(MPI_COMM_SELF);
    mpi::check(MPI_Irecv(&nothing_, 1, MPI_BYTE, 0, 0, self_.get(), &never_), "MPI_Irecv");
    mpi::check(MPI_Barrier(comm), "MPI_Barrier");
  }

  ~RmaTransport() override
  {
    if (!mpi::alive()) return;
    if (!window_) {
      static_cast<void>(self_.leave());
      return;
    }
    MPI_Cancel(&never_);
    MPI_Wait(&never_, MPI_STATUS_IGNORE);
  }
  RmaTransport(const RmaTransport&) = delete;
  RmaTransport& operator=(const RmaTransport&) = delete;

  [[nodiscard]] TransportKind kind() const override { return TransportKind::rma; }
  [[nodiscard]] std::byte* memory() const override { return own_; }
  [[nodiscard]] int connect(int rank, std::size_t, std::size_t) override { return rank; }
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
  [[nodiscard]] std::uint64_t look(std::size_t offset) override
  {
    std::atomic_ref<std::uint64_t> cell{*reinterpret_cast<std::uint64_t*>(own_ + offset)};
    const std::uint64_t value = cell.load(std::memory_order_acquire);
    // A test of what never comes lets all of MPI progress; with pml ucx a probe does not reach the
    // windows.
    if (++looks_ % 32 == 0) {
      int done = 0;
      MPI_Test(&never_, &done, MPI_STATUS_IGNORE);
    }
    MPI_Win_sync(window_.get());
    return value;
  }
  // A raise is flushed: it has arrived when it returns.
  void fence() override { std::atomic_thread_fence(std::memory_order_seq_cst); }
  void renew(std::size_t bytes) final
  {
    if (bytes > 0) std::memset(own_, 0, bytes);
    MPI_Win_sync(window_.get());
  }
  void abandon() noexcept override { static_cast<void>(window_.leave()); }

 private:
  mpi::Window window_;
  mpi::Comm self_;
  MPI_Request never_ = MPI_REQUEST_NULL;
  char nothing_ = 0;
  unsigned looks_ = 0;
  std::byte* own_ = nullptr;
};

}  // namespace

std::unique_ptr<Transport> open_rma(MPI_Comm comm, std::size_t bytes, std::size_t room)
{
  return std::make_unique<RmaTransport>(comm, bytes, std::max(bytes, room));
}

}  // namespace cardan::channel
