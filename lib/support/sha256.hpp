/// SHA-256 (FIPS 180-4), piece by piece.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace cardan {

class Sha256 {
 public:
  /// Takes the next bytes of the message.
  void add(const void* data, std::size_t bytes);
  /// The digest of all that was added, as 64 hexadecimal digits; more may be added after it.
  [[nodiscard]] std::string hexadecimal() const;

 private:
  void take(const std::uint8_t* block);

  std::array<std::uint32_t, 8> state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<std::uint8_t, 64> block_{};
  std::size_t filled_ = 0;
  std::uint64_t bytes_ = 0;
};

/// Of a piece of memory, and of a file, which is read in pieces; throws where it cannot be read.
[[nodiscard]] std::string sha256(const void* data, std::size_t bytes);
[[nodiscard]] std::string sha256_of_file(const std::string& path);

}  // namespace cardan
