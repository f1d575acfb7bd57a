// The twin's random numbers: published values, moments, and numbers of their own for each use.
#include "random.hpp"

#include <doctest/doctest.h>
#include <array>
#include <cmath>
#include <cstdint>
#include <set>
#include <vector>

using twin::philox;
using twin::Purpose;
using twin::Random;

TEST_CASE("philox gives the published words")
{
  using Words = std::array<std::uint32_t, 4>;
  // kat_vectors of Random123, philox4x32 with 10 rounds.
  CHECK(philox({0, 0, 0, 0}, {0, 0}) == Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  const std::uint32_t ones = 0xffffffff;
  CHECK(philox({ones, ones, ones, ones}, {ones, ones}) ==
        Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
        Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("each seed, purpose, cycle and member has numbers of its own")
{
  std::set<double> seen;
  int drawn = 0;
  for (const std::uint64_t seed : {std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{1} << 32}) {
    for (const Purpose purpose : {Purpose::truth, Purpose::members, Purpose::rotation}) {
      for (const std::int64_t cycle : {std::int64_t{0}, std::int64_t{1}, std::int64_t{1} << 33}) {
        for (const std::int64_t member : {0, 1, 77}) {
          Random random(seed, purpose, cycle, member);
          for (int i = 0; i < 5; ++i, ++drawn) seen.insert(random.uniform());
        }
      }
    }
  }
  CHECK(static_cast<int>(seen.size()) == drawn);
  CHECK(Random(3, Purpose::truth, 4, 5).gaussian() == Random(3, Purpose::truth, 4, 5).gaussian());
}

TEST_CASE("gaussians have the moments of a normal distribution")
{
  // Across members, as filters draw them, and along one stream.
  const int count = 200000;
  for (const bool across : {true, false}) {
    Random stream(9, Purpose::truth);
    std::array<double, 5> moments{};
    for (int i = 0; i < count; ++i) {
      const double x = across ? Random(9, Purpose::members, 3, i).gaussian() : stream.gaussian();
      for (std::size_t k = 1; k < moments.size(); ++k) {
        moments[k] += std::pow(x, static_cast<double>(k)) / count;
      }
    }
    const double error = 4 / std::sqrt(count);
    CHECK(std::abs(moments[1]) < error);
    CHECK(std::abs(moments[2] - 1) < error * std::sqrt(2.0));
    CHECK(std::abs(moments[3]) < error * std::sqrt(15.0));
    CHECK(std::abs(moments[4] - 3) < error * std::sqrt(96.0));
  }
}

TEST_CASE("indices fill their range evenly")
{
  Random random(5, Purpose::sites);
  std::vector<int> counts(7);
  for (int i = 0; i < 70000; ++i) ++counts[static_cast<std::size_t>(random.index(7))];
  for (const int each : counts) CHECK(std::abs(each - 10000) < 400);
}
