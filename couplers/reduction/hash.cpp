#include "couplers/reduction/hash.hpp"

#include <array>
#include <bit>

namespace cardan::reduction {

namespace {

using Word = std::uint64_t;
constexpr Word p1 = 0x9E3779B185EBCA87;
constexpr Word p2 = 0xC2B2AE3D27D4EB4F;
constexpr Word p3 = 0x165667B19E3779F9;
constexpr Word p4 = 0x85EBCA77C2B2AE63;
constexpr Word p5 = 0x27D4EB2F165667C5;

Word round(Word sum, Word word)
{
  return std::rotl(sum + word * p2, 31) * p1;
}

}  // namespace

std::uint64_t hash(const double* numbers, std::int64_t count)
{
  std::int64_t i = 0;
  const auto word = [&](std::int64_t k) { return std::bit_cast<Word>(numbers[k]); };
  Word all = p5;
  if (count >= 4) {
    std::array<Word, 4> sums{p1 + p2, p2, 0, 0 - p1};
    for (; i + 4 <= count; i += 4) {
      sums[0] = round(sums[0], word(i));
      sums[1] = round(sums[1], word(i + 1));
      sums[2] = round(sums[2], word(i + 2));
      sums[3] = round(sums[3], word(i + 3));
    }
    all = std::rotl(sums[0], 1) + std::rotl(sums[1], 7) + std::rotl(sums[2], 12) +
          std::rotl(sums[3], 18);
    for (const Word sum : sums) all = (all ^ round(0, sum)) * p1 + p4;
  }
  all += static_cast<Word>(count) * 8;
  for (; i < count; ++i) all = std::rotl(all ^ round(0, word(i)), 27) * p1 + p4;
  all = (all ^ (all >> 33)) * p2;
  all = (all ^ (all >> 29)) * p3;
  return all ^ (all >> 32);
}

}  // namespace cardan::reduction
