// Random numbers of steer's walkers: their distribution, and that a seed says them all.
#include "random.hpp"

#include <doctest/doctest.h>
#include <array>
#include <cmath>
#include <cstddef>

using steer::Random;

TEST_CASE("the generator is xoshiro256++, filled by splitmix64")
{
  // Of the authors' C code, seeded with splitmix64 from 0.
  Random random(0);
  CHECK(random() == 0x53175d61490b23dfULL);
  CHECK(random() == 0x61da6f3dc380d507ULL);
}

TEST_CASE("one seed, one sequence; another seed, another one")
{
  Random a(7);
  Random b(7);
  Random c(8);
  int same = 0;
  for (int i = 0; i < 1000; ++i) {
    const double x = a.gaussian();
    CHECK(x == b.gaussian());
    same += x == c.gaussian() ? 1 : 0;
  }
  CHECK(same == 0);
}

TEST_CASE("Gaussian numbers have the moments and the tails of a normal distribution")
{
  constexpr int draws = 4000000;
  Random random(1);
  std::array<double, 7> moment{};
  std::array<int, 4> beyond{};
  for (int i = 0; i < draws; ++i) {
    const double x = random.gaussian();
    double power = 1;
    for (std::size_t k = 1; k < moment.size(); ++k) moment[k] += (power *= x) / draws;
    for (std::size_t k = 0; k < beyond.size(); ++k) {
      beyond[k] += x > static_cast<double>(k + 1) ? 1 : 0;
    }
  }
  // Five standard errors each: of x^k, sqrt(((2k - 1)!! - mean^2) / draws).
  const double root = std::sqrt(1.0 * draws);
  CHECK(std::abs(moment[1]) < 5 * 1.0 / root);
  CHECK(std::abs(moment[2] - 1) < 5 * std::sqrt(2.0) / root);
  CHECK(std::abs(moment[3]) < 5 * std::sqrt(15.0) / root);
  CHECK(std::abs(moment[4] - 3) < 5 * std::sqrt(96.0) / root);
  CHECK(std::abs(moment[6] - 15) < 5 * std::sqrt(10170.0) / root);
  for (std::size_t k = 0; k < beyond.size(); ++k) {
    const double p = std::erfc(static_cast<double>(k + 1) / std::sqrt(2.0)) / 2;
    CHECK(std::abs(beyond[k] - draws * p) < 5 * std::sqrt(draws * p));
  }
}

TEST_CASE("uniform numbers fill [0, 1)")
{
  Random random(3);
  std::array<int, 10> bins{};
  for (int i = 0; i < 100000; ++i) {
    const double u = random.uniform();
    REQUIRE(u >= 0);
    REQUIRE(u < 1);
    ++bins[static_cast<std::size_t>(10 * u)];
  }
  for (const int each : bins) CHECK(std::abs(each - 10000) < 500);
}
