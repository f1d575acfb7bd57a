/// Whole numbers, most of them small, as bytes that an entropy coder likes.
#pragma once

#include "couplers/reduction/bytes.hpp"

#include <array>
#include <cstdint>
#include <vector>

namespace cardan::reduction {

/// Signs go to the lowest bit; then as many bits for each number as pays (2 and 4 share a byte; of
/// more than 8, bytes of the same weight lie together). Larger numbers escape, and are written
/// behind in the same way. Keeps its memory between calls.
class Integers {
 public:
  void write(const std::int64_t* numbers, std::int64_t count, Writer& to);
  void read(Reader& from, std::int64_t count, std::int64_t* numbers);

 private:
  static constexpr int levels = 5;
  using Words = std::vector<std::uint64_t>;
  void write(int level, Writer& to);
  void read(int level, Reader& from);
  std::array<Words, levels + 1> words_;
};

/// About how many bits an entropy coder needs for them, each by itself.
double bits_of(const std::int64_t* numbers, std::int64_t count);

}  // namespace cardan::reduction
