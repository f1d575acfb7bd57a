#include "couplers/tuning/shards.hpp"

#include <cardan/error.hpp>

#include <algorithm>
#include <atomic>
#include <cstring>

namespace cardan::tuning {

bool Shards::possible(const Context& context)
{
  return mpi::size(context.part.get()) == 1 ||
         (context.choice.on_node != TransportKind::two_sided &&
          context.choice.between != TransportKind::two_sided);
}

Shards::Shards(const Context& context, std::size_t bytes)
    : rank_(mpi::rank(context.part.get())),
      ranks_(mpi::size(context.part.get())),
      shared_(possible(context))
{
  if (!shared_ || ranks_ == 1) {
    memory_.assign(bytes / sizeof(std::uint64_t) + 1, 0);
    own_ = reinterpret_cast<std::byte*>(memory_.data());
    return;
  }
  comm_ = mpi::duplicate(context.part.get());
  void* base = nullptr;
  MPI_Win raw = MPI_WIN_NULL;
  if (MPI_Win_allocate(static_cast<MPI_Aint>(bytes), 1, MPI_INFO_NULL, comm_.get(), &base, &raw) !=
      MPI_SUCCESS)
    throw Error{"MPI_Win_allocate failed for a tuning",
                "the one-sided component that Open MPI chose cannot be used here",
                "Set kind = \"two_sided\" in [transport], or try mpirun --mca osc ucx."};
  mpi::check(MPI_Win_lock_all(MPI_MODE_NOCHECK, raw), "MPI_Win_lock_all");
  window_ = mpi::Window{raw};
  own_ = static_cast<std::byte*>(base);
  std::memset(own_, 0, bytes);
  MPI_Win_sync(raw);
  mpi::check(MPI_Barrier(comm_.get()), "MPI_Barrier");
}

void Shards::sync()
{
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (window_) MPI_Win_sync(window_.get());
}

void Shards::get(int rank, std::size_t offset, void* into, std::size_t bytes)
{
  if (rank == rank_ || !window_) {
    std::memcpy(into, own_ + offset, bytes);
    return;
  }
  std::atomic_thread_fence(std::memory_order_seq_cst);
  constexpr std::size_t most = 1U << 30U;
  for (std::size_t at = 0; at < bytes; at += most) {
    const auto part = static_cast<int>(std::min(most, bytes - at));
    mpi::check(MPI_Get(static_cast<std::byte*>(into) + at, part, MPI_BYTE, rank,
                       static_cast<MPI_Aint>(offset + at), part, MPI_BYTE, window_.get()),
               "MPI_Get");
  }
  mpi::check(MPI_Win_flush(rank, window_.get()), "MPI_Win_flush");
  std::atomic_thread_fence(std::memory_order_seq_cst);
}

}  // namespace cardan::tuning
