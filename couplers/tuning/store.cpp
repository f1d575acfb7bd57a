#include "couplers/tuning/store.hpp"

#include <atomic>
#include <cstring>

namespace cardan::tuning {

namespace {

constexpr std::size_t line = 64;

std::size_t stride_of(std::size_t bytes)
{
  return (line + bytes + line - 1) / line * line;
}

}  // namespace

Store::Store(const Context& context, int slots, std::size_t bytes)
    : bytes_(bytes),
      stride_(stride_of(bytes)),
      shards_(context, bytes > 0 ? stride_ * static_cast<std::size_t>(slots) : line)
{}

void Store::write(int slot, std::int64_t trial, std::int64_t epochs,
                  std::span<const std::byte> state)
{
  std::byte* const to = shards_.own() + static_cast<std::size_t>(slot) * stride_;
  std::atomic_ref<std::uint64_t> sequence{*reinterpret_cast<std::uint64_t*>(to)};
  const std::uint64_t before = sequence.load(std::memory_order_relaxed);
  sequence.store(before + 1, std::memory_order_relaxed);
  shards_.sync();
  const Head head{before + 1, trial, epochs, state.size()};
  std::memcpy(to + sizeof head.sequence,
              reinterpret_cast<const std::byte*>(&head) + sizeof head.sequence,
              sizeof head - sizeof head.sequence);
  if (!state.empty()) std::memcpy(to + line, state.data(), state.size());
  shards_.sync();
  sequence.store(before + 2, std::memory_order_release);
  shards_.sync();
}

Store::Found Store::read(int rank, int slot, std::vector<std::byte>& state, mpi::Deadline deadline)
{
  const std::size_t offset = static_cast<std::size_t>(slot) * stride_;
  Head head;
  const bool whole = mpi::wait_until(
      [&] {
        std::uint64_t sequence = 0;
        shards_.get(rank, offset, &sequence, sizeof sequence);
        if (sequence % 2 == 1) {
          ++torn_;
          return false;
        }
        shards_.get(rank, offset, &head, sizeof head);
        state.resize(head.bytes <= bytes_ ? head.bytes : 0);
        if (!state.empty()) shards_.get(rank, offset + line, state.data(), state.size());
        std::uint64_t after = 0;
        shards_.get(rank, offset, &after, sizeof after);
        if (after != sequence || head.sequence != sequence) ++torn_;
        return after == sequence && head.sequence == sequence;
      },
      deadline);
  if (!whole) mpi::throw_late("a whole state of a trial");
  return {head.trial, head.epochs};
}

}  // namespace cardan::tuning
