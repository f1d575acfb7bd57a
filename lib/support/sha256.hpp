/// SHA-256 (FIPS 180-4), for telling files and models apart.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace cardan {

/// A digest of bytes that are given piece by piece.
class Sha256 {
 public:
  Sha256();
  void update(const void* data, std::size_t bytes);
  /// The digest of what was given so far, in 64 hexadecimal digits; more may be given afterwards.
  [[nodiscard]] std::string hex() const;

 private:
  void compress(const std::uint8_t* block);
  [[nodiscard]] std::array<std::uint32_t, 8> finish() const;

  std::array<std::uint32_t, 8> state_;
  std::array<std::uint8_t, 64> block_{};
  std::size_t filled_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace cardan
