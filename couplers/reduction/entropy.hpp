/// Entropy coding of bytes, by a library.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

namespace cardan::reduction {

/// Keeps its library's memory between calls. Not thread-safe.
class Entropy {
 public:
  explicit Entropy(int level);
  ~Entropy();
  Entropy(Entropy&&) noexcept;
  Entropy& operator=(Entropy&&) = delete;
  /// How many bytes it made; 0 where `to` has no room for them.
  std::size_t compress(std::span<const std::byte> from, std::span<std::byte> to);
  /// Throws where they are damaged, or do not fill `to`.
  void expand(std::span<const std::byte> from, std::span<std::byte> to);

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace cardan::reduction
