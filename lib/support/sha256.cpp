#include "support/sha256.hpp"

#include <cardan/error.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <vector>

namespace cardan {

namespace {

/// The first 32 bits of the fractions of the cube roots of the first 64 primes.
constexpr std::array<std::uint32_t, 64> constants{
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

constexpr std::uint32_t turned(std::uint32_t word, unsigned by)
{
  return (word >> by) | (word << (32U - by));
}

}  // namespace

void Sha256::take(const std::uint8_t* block)
{
  std::array<std::uint32_t, 64> words{};
  for (std::size_t i = 0; i < 16; ++i)
    words[i] = static_cast<std::uint32_t>(block[4 * i]) << 24U |
               static_cast<std::uint32_t>(block[4 * i + 1]) << 16U |
               static_cast<std::uint32_t>(block[4 * i + 2]) << 8U |
               static_cast<std::uint32_t>(block[4 * i + 3]);
  for (std::size_t i = 16; i < 64; ++i) {
    const std::uint32_t a = words[i - 15];
    const std::uint32_t b = words[i - 2];
    words[i] = words[i - 16] + (turned(a, 7) ^ turned(a, 18) ^ (a >> 3U)) + words[i - 7] +
               (turned(b, 17) ^ turned(b, 19) ^ (b >> 10U));
  }
  auto [a, b, c, d, e, f, g, h] = state_;
  for (std::size_t i = 0; i < 64; ++i) {
    const std::uint32_t first = h + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) +
                                ((e & f) ^ (~e & g)) + constants[i] + words[i];
    const std::uint32_t second =
        (turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    h = g;
    g = f;
    f = e;
    e = d + first;
    d = c;
    c = b;
    b = a;
    a = first + second;
  }
  const std::array<std::uint32_t, 8> added{a, b, c, d, e, f, g, h};
  for (std::size_t i = 0; i < 8; ++i) state_[i] += added[i];
}

void Sha256::add(const void* data, std::size_t bytes)
{
  const auto* from = static_cast<const std::uint8_t*>(data);
  bytes_ += bytes;
  while (bytes > 0) {
    if (filled_ == 0 && bytes >= block_.size()) {
      take(from);
      from += block_.size();
      bytes -= block_.size();
      continue;
    }
    const std::size_t count = std::min(bytes, block_.size() - filled_);
    std::memcpy(block_.data() + filled_, from, count);
    from += count;
    bytes -= count;
    filled_ += count;
    if (filled_ < block_.size()) continue;
    take(block_.data());
    filled_ = 0;
  }
}

// The message, one bit, zeros, and its length in bits fill whole blocks.
std::string Sha256::hexadecimal() const
{
  Sha256 whole = *this;
  std::array<std::uint8_t, 8> length{};
  for (std::size_t i = 0; i < 8; ++i)
    length[i] = static_cast<std::uint8_t>((8 * bytes_) >> (56 - 8 * i));
  const std::uint8_t one = 0x80;
  const std::array<std::uint8_t, 64> zeros{};
  whole.add(&one, 1);
  whole.add(zeros.data(), (64 + 56 - whole.filled_) % 64);
  whole.add(length.data(), length.size());
  constexpr const char* digits = "0123456789abcdef";
  std::string text;
  for (const auto word : whole.state_)
    for (unsigned shift = 32; shift > 0; shift -= 4) text += digits[(word >> (shift - 4)) & 0xfU];
  return text;
}

std::string sha256(const void* data, std::size_t bytes)
{
  Sha256 hash;
  hash.add(data, bytes);
  return hash.hexadecimal();
}

std::string sha256_of_file(const std::string& path)
{
  std::ifstream file{path, std::ios::binary};
  if (!file.good()) throw Error{"cannot read '" + path + "'", std::strerror(errno)};
  Sha256 hash;
  std::vector<char> piece(1 << 16);
  while (file.good()) {
    file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    hash.add(piece.data(), static_cast<std::size_t>(file.gcount()));
  }
  if (file.bad()) throw Error{"cannot read '" + path + "'", std::strerror(errno)};
  return hash.hexadecimal();
}

}  // namespace cardan
