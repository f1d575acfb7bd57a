/// How the references wait, and the sequence numbers that they wait for.
#pragma once

#include <sched.h>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace bench {

inline void pause()
{
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// Eight pauses, then sched_yield; every 32 turns `poll` is called.
template <class Ready, class Poll>
void wait(const Ready& ready, const Poll& poll)
{
  for (unsigned turn = 0; !ready(); ++turn) {
    if (turn < 8)
      pause();
    else
      sched_yield();
    if (turn % 32 == 31) poll();
  }
}

using Sequence = std::uint64_t;

/// A sequence number in memory that another process writes to.
inline Sequence load(const std::byte* cell)
{
  auto* word = reinterpret_cast<Sequence*>(const_cast<std::byte*>(cell));
  return std::atomic_ref<Sequence>(*word).load(std::memory_order_acquire);
}

inline void store(std::byte* cell, Sequence value)
{
  std::atomic_ref<Sequence>(*reinterpret_cast<Sequence*>(cell))
      .store(value, std::memory_order_release);
}

}  // namespace bench
