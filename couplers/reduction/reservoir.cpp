#include "couplers/reduction/reservoir.hpp"

#include <cardan/error.hpp>

#include <algorithm>
#include <atomic>
#include <climits>
#include <cstring>

namespace cardan::reduction {

namespace {

constexpr std::size_t line = 64;

std::atomic_ref<std::uint64_t> sequence_of(std::byte* slot)
{
  return std::atomic_ref<std::uint64_t>{*reinterpret_cast<std::uint64_t*>(slot)};
}

}  // namespace

Reservoir::Reservoir(MPI_Comm comm, std::int64_t capacity, std::int64_t numbers, std::uint64_t seed,
                     bool shared)
    : comm_(mpi::duplicate(comm)),
      rank_(mpi::rank(comm)),
      shards_(shared ? mpi::size(comm) : 1),
      capacity_(capacity),
      numbers_(numbers),
      stride_((sizeof(Head) + static_cast<std::size_t>(numbers) * sizeof(double) + line - 1) /
              line * line),
      random_(seed * 0x9E3779B97F4A7C15U + static_cast<std::uint64_t>(rank_))
{
  const std::size_t bytes = stride_ * static_cast<std::size_t>(capacity);
  if (stride_ > INT_MAX)
    throw Error{"a sample of the reservoir is larger than 2 GiB", {}, "Make blocks smaller."};
  if (shards_ == 1) {
    rank_ = 0;
    memory_.assign(bytes / sizeof(std::uint64_t), 0);
    own_ = reinterpret_cast<std::byte*>(memory_.data());
    return;
  }
  void* base = nullptr;
  MPI_Win raw = MPI_WIN_NULL;
  if (MPI_Win_allocate(static_cast<MPI_Aint>(bytes), 1, MPI_INFO_NULL, comm_.get(), &base, &raw) !=
      MPI_SUCCESS)
    throw Error{"MPI_Win_allocate failed for a reservoir",
                "the one-sided component that Open MPI chose cannot be used here",
                "Set kind = \"two_sided\" in [transport], or try mpirun --mca osc ucx."};
  mpi::check(MPI_Win_lock_all(MPI_MODE_NOCHECK, raw), "MPI_Win_lock_all");
  window_ = mpi::Window{raw};
  own_ = static_cast<std::byte*>(base);
  std::memset(own_, 0, bytes);
  MPI_Win_sync(raw);
  mpi::check(MPI_Barrier(comm_.get()), "MPI_Barrier");
}

std::int64_t Reservoir::size() const
{
  return std::min(counters_.added, capacity_);
}

void Reservoir::add(std::int64_t step, const double* numbers)
{
  const bool full = counters_.added >= capacity_;
  const std::int64_t index =
      full ? static_cast<std::int64_t>(random_.below(static_cast<std::size_t>(capacity_)))
           : counters_.added;
  std::byte* const to = slot(index);
  auto sequence = sequence_of(to);
  const std::uint64_t before = sequence.load(std::memory_order_relaxed);
  // Odd while it is written: nobody takes it for whole.
  sequence.store(before + 1, std::memory_order_relaxed);
  std::atomic_thread_fence(std::memory_order_seq_cst);
  std::memcpy(to + offsetof(Head, step), &step, sizeof step);
  std::memcpy(to + sizeof(Head), numbers, static_cast<std::size_t>(numbers_) * sizeof(double));
  sequence.store(before + 2, std::memory_order_release);
  if (window_) MPI_Win_sync(window_.get());
  ++counters_.added;
  counters_.overwritten += full ? 1 : 0;
}

void Reservoir::get(int shard, std::size_t offset, void* into, std::size_t bytes)
{
  mpi::check(MPI_Get(into, static_cast<int>(bytes), MPI_BYTE, shard, static_cast<MPI_Aint>(offset),
                     static_cast<int>(bytes), MPI_BYTE, window_.get()),
             "MPI_Get");
  mpi::check(MPI_Win_flush(shard, window_.get()), "MPI_Win_flush");
}

/// One get after the other, each complete before the next begins: a get as a whole has no order.
Reservoir::Head Reservoir::read(int shard, std::int64_t index, double* numbers,
                                std::uint64_t& after)
{
  const std::size_t offset = static_cast<std::size_t>(index) * stride_;
  const std::size_t bytes = static_cast<std::size_t>(numbers_) * sizeof(double);
  Head head;
  get(shard, offset, &head.sequence, sizeof head.sequence);
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (head.sequence == 0 || head.sequence % 2 == 1) return head;
  get(shard, offset + offsetof(Head, step), &head.step, sizeof head.step);
  get(shard, offset + sizeof(Head), numbers, bytes);
  std::atomic_thread_fence(std::memory_order_seq_cst);
  get(shard, offset, &after, sizeof after);
  return head;
}

bool Reservoir::draw(std::int64_t now, double* numbers)
{
  const auto shard = static_cast<int>(random_.below(static_cast<std::size_t>(shards_)));
  const auto index = static_cast<std::int64_t>(random_.below(static_cast<std::size_t>(capacity_)));
  Head head;
  std::uint64_t after = 0;
  if (shard == rank_) {
    // Nobody else writes here.
    std::memcpy(&head, slot(index), sizeof head);
    std::memcpy(numbers, slot(index) + sizeof(Head),
                static_cast<std::size_t>(numbers_) * sizeof(double));
    after = head.sequence;
  } else {
    head = read(shard, index, numbers, after);
  }
  if (head.sequence == 0) {
    ++counters_.empty;
    return false;
  }
  if (head.sequence % 2 == 1 || head.sequence != after) {
    ++counters_.torn;
    return false;
  }
  ++(shard == rank_ ? counters_.local_hits : counters_.remote_hits);
  counters_.age_sum += now - head.step;
  counters_.age_most = std::max(counters_.age_most, now - head.step);
  return true;
}

}  // namespace cardan::reduction
