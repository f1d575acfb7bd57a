// The archive of minima: which are one, which are kept, which are chosen.
#include "couplers/ensemble/minima.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

using namespace cardan::ensemble;
using cardan::Random;

namespace {

bool add(Minima& minima, double objective, double descriptor = 0)
{
  const std::vector<double> at{descriptor};
  const std::vector<double> state{objective, descriptor};
  return minima.add(objective, at, state, 3, 7);
}

}  // namespace

TEST_CASE("minima within the tolerance are one")
{
  SwarmSettings settings;
  settings.tolerance = 0.1;
  Minima minima(settings);
  CHECK(add(minima, -1));
  CHECK(add(minima, -3));
  CHECK_FALSE(add(minima, -2.95));
  CHECK_FALSE(add(minima, -1.05));
  CHECK(add(minima, -2));
  REQUIRE(minima.all().size() == 3);
  CHECK(minima.all()[0].objective == -3);
  CHECK(minima.all()[1].objective == -2);
  CHECK(minima.all()[0].found == 2);
  CHECK(minima.all()[0].state == std::vector<double>{-3, 0});
  CHECK(minima.all()[0].member == 3);
  CHECK(minima.all()[0].segment == 7);
}

TEST_CASE("equal objectives elsewhere are two where descriptors count")
{
  SwarmSettings settings;
  settings.tolerance = 0.1;
  settings.distance = 0.5;
  Minima minima(settings);
  CHECK(add(minima, -1, 0));
  CHECK(add(minima, -1, 1));
  CHECK_FALSE(add(minima, -1, 1.2));
  CHECK(minima.all().size() == 2);
}

TEST_CASE("the lowest are kept")
{
  SwarmSettings settings;
  settings.archive = 2;
  Minima minima(settings);
  CHECK(add(minima, 1));
  CHECK(add(minima, 2));
  CHECK_FALSE(add(minima, 3));
  CHECK(add(minima, 0));
  REQUIRE(minima.all().size() == 2);
  CHECK(minima.all()[1].objective == 1);
}

TEST_CASE("low ones are chosen more often, those that were chosen less")
{
  SwarmSettings settings;
  settings.temperature = 2;
  const double other = std::exp(-0.5);
  int lowest = 0;
  Random random(1);
  constexpr int trials = 4000;
  for (int i = 0; i < trials; ++i) {
    Minima minima(settings);
    static_cast<void>(add(minima, -5));
    static_cast<void>(add(minima, -4));
    if (minima.choose(random).objective == -5) ++lowest;
  }
  // Four deviations of the binomial distribution.
  const double expected = 1 / (1 + other);
  CHECK(std::abs(static_cast<double>(lowest) / trials - expected) <
        4 * std::sqrt(expected * (1 - expected) / trials));

  // Visits even out what the temperature prefers.
  settings.temperature = 0.2;
  Minima minima(settings);
  static_cast<void>(add(minima, -5));
  static_cast<void>(add(minima, -4));
  for (int i = 0; i < 1000; ++i) static_cast<void>(minima.choose(random));
  CHECK(minima.all()[1].visits > 10);
  CHECK(minima.all()[0].visits > minima.all()[1].visits);
}
