/// Random numbers of a walker: the same from the same seed on every machine.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace steer {

/// Where the strips of a ziggurat end: 128 of equal area under exp(-x^2 / 2), and the ratio of each
/// edge to the one below.
struct Ziggurat {
  static constexpr std::size_t strips = 128;
  Ziggurat();
  std::array<double, strips + 1> edge{};
  std::array<double, strips> ratio{};
};
extern const Ziggurat ziggurat;

/// xoshiro256++ (Blackman and Vigna, ACM Trans. Math. Softw. 47, 2021), its state filled by
/// splitmix64 from the seed. Meets UniformRandomBitGenerator.
class Random {
 public:
  using result_type = std::uint64_t;

  explicit Random(std::uint64_t seed);

  static constexpr std::uint64_t min() { return 0; }
  static constexpr std::uint64_t max() { return ~std::uint64_t{0}; }
  std::uint64_t operator()();
  /// In [0, 1).
  double uniform() { return real((*this)()); }
  /// Mean 0, variance 1: the ziggurat of Marsaglia and Tsang, J. Stat. Softw. 5 (2000), in the
  /// variant of Doornik (2005), which takes strip and position from different bits.
  double gaussian()
  {
    const std::uint64_t bits = (*this)();
    const double u = 2 * real(bits) - 1;
    const std::size_t strip = bits % Ziggurat::strips;
    if (u < ziggurat.ratio[strip] && -u < ziggurat.ratio[strip]) return u * ziggurat.edge[strip];
    return rare(u, strip);
  }

 private:
  static constexpr double real(std::uint64_t bits)
  {
    return static_cast<double>(bits >> 11) * 0x1p-53;
  }
  /// What the ziggurat's straight path does not answer: one draw in about a hundred.
  double rare(double u, std::size_t strip);

  std::array<std::uint64_t, 4> state_{};
};

inline std::uint64_t Random::operator()()
{
  const auto turn = [](std::uint64_t x, int by) { return (x << by) | (x >> (64 - by)); };
  const std::uint64_t result = turn(state_[0] + state_[3], 23) + state_[0];
  const std::uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = turn(state_[3], 45);
  return result;
}

}  // namespace steer
