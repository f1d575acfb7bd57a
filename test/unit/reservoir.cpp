// The reservoir holds a uniform sample of everything that went by, and no more than its capacity.
#include "couplers/closure/reservoir.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

using cardan::closure::Reservoir;

namespace {

void fill(Reservoir& reservoir, int count)
{
  for (int i = 0; i < count; ++i) {
    const std::vector<double> input{static_cast<double>(i), static_cast<double>(-i)};
    const double target = 10.0 * i;
    reservoir.add(input.data(), &target);
  }
}

}  // namespace

TEST_CASE("everything is held until the reservoir is full, in order and in pairs")
{
  Reservoir reservoir{10, {2, 1}, 1};
  CHECK(reservoir.size() == 0);
  fill(reservoir, 7);
  REQUIRE(reservoir.size() == 7);
  CHECK(reservoir.seen() == 7);
  const auto inputs = reservoir.inputs();
  const auto targets = reservoir.targets();
  CHECK(inputs.count == 7);
  CHECK(inputs.width == 2);
  CHECK(targets.width == 1);
  for (std::int64_t i = 0; i < 7; ++i) {
    CHECK(inputs.data[2 * i] == i);
    CHECK(inputs.data[2 * i + 1] == -i);
    CHECK(targets.data[i] == 10 * i);
  }
}

TEST_CASE("it never holds more than its capacity, and no sample twice")
{
  Reservoir reservoir{16, {2, 1}, 3};
  fill(reservoir, 5000);
  CHECK(reservoir.seen() == 5000);
  REQUIRE(reservoir.size() == 16);
  std::set<double> held;
  for (std::int64_t i = 0; i < 16; ++i) {
    const double input = reservoir.inputs().data[2 * i];
    held.insert(input);
    CHECK(reservoir.targets().data[i] == 10 * input);
  }
  CHECK(held.size() == 16);
}

TEST_CASE("a sample's chance to be held does not depend on when it came")
{
  // 400 streams of 200 samples into 20 places: each tenth of a stream is expected 800 times.
  constexpr int streams = 400;
  constexpr int length = 200;
  constexpr int capacity = 20;
  std::vector<int> tenths(10, 0);
  for (int s = 0; s < streams; ++s) {
    Reservoir reservoir{capacity, {2, 1}, static_cast<std::uint64_t>(s)};
    fill(reservoir, length);
    for (std::int64_t i = 0; i < capacity; ++i)
      ++tenths[static_cast<std::size_t>(reservoir.inputs().data[2 * i]) * 10 / length];
  }
  constexpr double expected = streams * capacity / 10.0;
  double chi_squared = 0;
  for (const int count : tenths) chi_squared += (count - expected) * (count - expected) / expected;
  // Nine degrees of freedom: 27.9 is exceeded by chance once in a thousand times; the seeds are
  // fixed.
  CHECK(chi_squared < 27.9);
}

TEST_CASE("draws are of what is held, all of it alike")
{
  Reservoir reservoir{50, {2, 1}, 9};
  fill(reservoir, 50);
  std::vector<double> inputs;
  std::vector<double> targets;
  std::vector<int> drawn(50, 0);
  reservoir.draw(10000, inputs, targets);
  REQUIRE(inputs.size() == 20000);
  REQUIRE(targets.size() == 10000);
  for (std::size_t r = 0; r < targets.size(); ++r) {
    REQUIRE(targets[r] == 10 * inputs[2 * r]);
    REQUIRE(inputs[2 * r + 1] == -inputs[2 * r]);
    ++drawn[static_cast<std::size_t>(inputs[2 * r])];
  }
  double chi_squared = 0;
  for (const int count : drawn) chi_squared += (count - 200.0) * (count - 200.0) / 200.0;
  // 49 degrees of freedom.
  CHECK(chi_squared < 85.4);
}

TEST_CASE("a seed makes it repeatable")
{
  Reservoir a{8, {2, 1}, 5};
  Reservoir b{8, {2, 1}, 5};
  Reservoir c{8, {2, 1}, 6};
  for (auto* reservoir : {&a, &b, &c}) fill(*reservoir, 1000);
  const auto held = [](const Reservoir& reservoir) {
    return std::vector<double>(reservoir.targets().data, reservoir.targets().data + 8);
  };
  CHECK(held(a) == held(b));
  CHECK(held(a) != held(c));
}
