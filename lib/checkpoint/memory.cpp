#include "checkpoint/memory.hpp"

#include <sys/mman.h>

#include <cstring>
#include <map>
#include <mutex>
#include <new>

namespace cardan::checkpoint {

namespace {

/// What is smaller is left to the program's allocator.
constexpr std::size_t least = std::size_t{1} << 20;
constexpr std::size_t huge_page = std::size_t{2} << 20;

/// A multiple of a page, so that arrays of nearly one size find each other's memory.
std::size_t rounded(std::size_t bytes)
{
  const std::size_t unit = bytes < huge_page ? std::size_t{1} << 16 : huge_page;
  return (bytes + unit - 1) / unit * unit;
}

std::byte* allocate(std::size_t bytes)
{
  const auto alignment = std::align_val_t{huge_page};
  auto* data = static_cast<std::byte*>(::operator new(bytes, alignment));
  // Advice only: without huge pages it is as good, and slower at first.
  ::madvise(data, bytes, MADV_HUGEPAGE);
  return data;
}

void release(std::byte* data)
{
  ::operator delete (data, std::align_val_t{huge_page});
}

/// Blocks that nobody has, by size.
class Pool {
 public:
  std::byte* take(std::size_t bytes)
  {
    const std::lock_guard lock{mutex_};
    const auto found = blocks_.find(bytes);
    if (found == blocks_.end()) return nullptr;
    std::byte* data = found->second;
    blocks_.erase(found);
    return data;
  }
  void give(std::size_t bytes, std::byte* data)
  {
    const std::lock_guard lock{mutex_};
    blocks_.emplace(bytes, data);
  }
  void clear()
  {
    const std::lock_guard lock{mutex_};
    for (const auto& [bytes, data] : blocks_) release(data);
    blocks_.clear();
  }

 private:
  std::mutex mutex_;
  std::multimap<std::size_t, std::byte*> blocks_;
};

/// Never destroyed: copies may outlive what is static.
Pool& pool()
{
  static Pool* const one = new Pool;
  return *one;
}

}  // namespace

Memory::Memory(std::size_t bytes) : size_(bytes)
{
  if (bytes == 0) return;
  if (bytes < least) {
    data_ = static_cast<std::byte*>(::operator new(bytes));
    return;
  }
  data_ = pool().take(rounded(bytes));
  if (data_ == nullptr) data_ = allocate(rounded(bytes));
}

Memory::Memory(const void* from, std::size_t bytes) : Memory(bytes)
{
  if (bytes > 0) std::memcpy(data_, from, bytes);
}

Memory::~Memory()
{
  if (data_ == nullptr) return;
  if (size_ < least) {
    ::operator delete(data_);
    return;
  }
  try {
    pool().give(rounded(size_), data_);
  } catch (...) {
    release(data_);
  }
}

void Memory::release_unused()
{
  pool().clear();
}

}  // namespace cardan::checkpoint
