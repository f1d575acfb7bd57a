/// Memory that copies are made into, which the next checkpoint finds again: fresh pages cost more
/// than the copy itself.
#pragma once

#include <cstddef>
#include <utility>

namespace cardan::checkpoint {

/// So many bytes, whose values are not set. What it held goes to whoever asks for as much next, in
/// any thread, until `release_unused`.
class Memory {
 public:
  Memory() = default;
  explicit Memory(std::size_t bytes);
  Memory(const void* from, std::size_t bytes);
  Memory(Memory&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0))
  {}
  Memory& operator=(Memory&& other) noexcept
  {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  ~Memory();

  [[nodiscard]] std::byte* data() noexcept { return data_; }
  [[nodiscard]] const std::byte* data() const noexcept { return data_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  /// Gives back to the system what no `Memory` has now.
  static void release_unused();

 private:
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace cardan::checkpoint
