/// Counts what this process asks of the heap, and what `mpi_calls.hpp` sees of MPI. Defines
/// operator new: include it in one source of a program.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

namespace test {

/// Calls while counting was on.
struct Calls {
  std::int64_t windows = 0;
  std::int64_t communicators = 0;
  std::int64_t collectives = 0;
  std::int64_t datatypes = 0;
  /// Persistent requests made, not started.
  std::int64_t requests = 0;
  std::int64_t allocations = 0;
  std::int64_t frees = 0;
  std::int64_t puts = 0;
  /// One-sided calls other than MPI_Put.
  std::int64_t other_rma = 0;
  std::int64_t sends = 0;
};

inline Calls calls;
inline bool counting = false;

inline void count(std::int64_t Calls::*what)
{
  if (counting) ++(calls.*what);
}

/// Counts from zero until its end.
class Counting {
 public:
  Counting()
  {
    calls = {};
    counting = true;
  }
  ~Counting() { counting = false; }
  Counting(const Counting&) = delete;
  Counting& operator=(const Counting&) = delete;
};

inline void* counted_memory(std::size_t bytes, std::size_t alignment)
{
  count(&Calls::allocations);
  // aligned_alloc wants whole multiples.
  const std::size_t whole = (bytes + alignment - 1) / alignment * alignment;
  void* memory = alignment > alignof(std::max_align_t)
                     ? std::aligned_alloc(alignment, whole > 0 ? whole : alignment)
                     : std::malloc(bytes > 0 ? bytes : 1);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

inline void counted_free(void* memory) noexcept
{
  if (memory != nullptr) count(&Calls::frees);
  std::free(memory);
}

}  // namespace test

// operator new and delete, aligned and not; what the standard's other forms end in.
void* operator new(std::size_t bytes)
{
  return test::counted_memory(bytes, alignof(std::max_align_t));
}
void* operator new[](std::size_t bytes)
{
  return test::counted_memory(bytes, alignof(std::max_align_t));
}
void* operator new(std::size_t bytes, std::align_val_t alignment)
{
  return test::counted_memory(bytes, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t bytes, std::align_val_t alignment)
{
  return test::counted_memory(bytes, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept
{
  test::counted_free(memory);
}
void operator delete[](void* memory) noexcept
{
  test::counted_free(memory);
}
void operator delete(void* memory, std::size_t /*bytes*/) noexcept
{
  test::counted_free(memory);
}
void operator delete[](void* memory, std::size_t /*bytes*/) noexcept
{
  test::counted_free(memory);
}
void operator delete(void* memory, std::align_val_t /*alignment*/) noexcept
{
  test::counted_free(memory);
}
void operator delete[](void* memory, std::align_val_t /*alignment*/) noexcept
{
  test::counted_free(memory);
}
void operator delete(void* memory, std::size_t /*bytes*/, std::align_val_t /*alignment*/) noexcept
{
  test::counted_free(memory);
}
void operator delete[](void* memory, std::size_t /*bytes*/, std::align_val_t /*alignment*/) noexcept
{
  test::counted_free(memory);
}
