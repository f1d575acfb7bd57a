#include "random.hpp"

#include <cmath>
#include <cstddef>
#include <numbers>

namespace twin {

std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter,
                                    std::array<std::uint32_t, 2> key)
{
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t first = std::uint64_t{0xd2511f53} * counter[0];
    const std::uint64_t second = std::uint64_t{0xcd9e8d57} * counter[2];
    counter = {static_cast<std::uint32_t>(second >> 32) ^ counter[1] ^ key[0],
               static_cast<std::uint32_t>(second),
               static_cast<std::uint32_t>(first >> 32) ^ counter[3] ^ key[1],
               static_cast<std::uint32_t>(first)};
    key[0] += 0x9e3779b9;
    key[1] += 0xbb67ae85;
  }
  return counter;
}

// The first word counts the blocks of four words; the purpose is above the cycle's 56 bits.
Random::Random(std::uint64_t seed, Purpose purpose, std::int64_t cycle, std::int64_t member)
    : key_{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)},
      counter_{0, static_cast<std::uint32_t>(member), static_cast<std::uint32_t>(cycle),
               (static_cast<std::uint32_t>(purpose) << 24) |
                   (static_cast<std::uint32_t>(cycle >> 32) & 0xffffff)}
{}

double Random::uniform()
{
  if (left_ == 0) {
    words_ = philox(counter_, key_);
    ++counter_[0];
    left_ = 4;
  }
  const std::uint64_t low = words_[static_cast<std::size_t>(4 - left_)];
  const std::uint64_t high = words_[static_cast<std::size_t>(5 - left_)];
  left_ -= 2;
  return static_cast<double>(((high << 32) | low) >> 11) * 0x1p-53;
}

double Random::gaussian()
{
  if (has_spare_) {
    has_spare_ = false;
    return spare_;
  }
  const double radius = std::sqrt(-2 * std::log(1 - uniform()));
  const double angle = 2 * std::numbers::pi * uniform();
  spare_ = radius * std::sin(angle);
  has_spare_ = true;
  return radius * std::cos(angle);
}

int Random::index(int below)
{
  return static_cast<int>(uniform() * below);
}

}  // namespace twin
