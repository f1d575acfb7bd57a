// The reservoir holds a uniform sample of everything that went by, and no more than its capacity.
#include "couplers/closure/reservoir.hpp"
#include "support/rows.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

using cardan::closure::Reservoir;

namespace {

const double* numbers(const cardan::Batch& batch)
{
  return reinterpret_cast<const double*>(batch.columns[0]);
}

void fill(Reservoir& reservoir, int count)
{
  for (int i = 0; i < count; ++i) {
    std::vector<double> input{-1, -1, static_cast<double>(i), static_cast<double>(-i)};
    std::vector<double> target{-1, 10.0 * i};
    reservoir.add(Rows<>{input, 2}, Rows<>{target, 1}, 1);
  }
}

}  // namespace

TEST_CASE("everything is held until the reservoir is full, in order and in pairs")
{
  Reservoir reservoir{10, square_signature(2, 1), 1};
  CHECK(reservoir.size() == 0);
  fill(reservoir, 7);
  REQUIRE(reservoir.size() == 7);
  CHECK(reservoir.seen() == 7);
  const auto inputs = reservoir.inputs();
  const auto targets = reservoir.targets();
  CHECK(inputs.count == 7);
  for (std::int64_t i = 0; i < 7; ++i) {
    CHECK(numbers(inputs)[2 * i] == i);
    CHECK(numbers(inputs)[2 * i + 1] == -i);
    CHECK(numbers(targets)[i] == 10 * i);
  }
}

TEST_CASE("it never holds more than its capacity, and no sample twice")
{
  Reservoir reservoir{16, square_signature(2, 1), 3};
  fill(reservoir, 5000);
  CHECK(reservoir.seen() == 5000);
  REQUIRE(reservoir.size() == 16);
  std::set<double> held;
  for (std::int64_t i = 0; i < 16; ++i) {
    const double input = numbers(reservoir.inputs())[2 * i];
    held.insert(input);
    CHECK(numbers(reservoir.targets())[i] == 10 * input);
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
    Reservoir reservoir{capacity, square_signature(2, 1), static_cast<std::uint64_t>(s)};
    fill(reservoir, length);
    for (std::int64_t i = 0; i < capacity; ++i)
      ++tenths[static_cast<std::size_t>(numbers(reservoir.inputs())[2 * i]) * 10 / length];
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
  Reservoir reservoir{50, square_signature(2, 1), 9};
  fill(reservoir, 50);
  const cardan::Signature signature = square_signature(2, 1);
  cardan::closure::Columns inputs{signature.inputs};
  cardan::closure::Columns targets{signature.outputs};
  std::vector<int> drawn(50, 0);
  reservoir.draw(10000, inputs, targets);
  REQUIRE(inputs.count() == 10000);
  REQUIRE(targets.count() == 10000);
  const double* x = numbers(inputs.batch());
  const double* y = numbers(targets.batch());
  for (std::size_t r = 0; r < 10000; ++r) {
    REQUIRE(y[r] == 10 * x[2 * r]);
    REQUIRE(x[2 * r + 1] == -x[2 * r]);
    ++drawn[static_cast<std::size_t>(x[2 * r])];
  }
  double chi_squared = 0;
  for (const int count : drawn) chi_squared += (count - 200.0) * (count - 200.0) / 200.0;
  // 49 degrees of freedom.
  CHECK(chi_squared < 85.4);
}

TEST_CASE("a seed makes it repeatable")
{
  Reservoir a{8, square_signature(2, 1), 5};
  Reservoir b{8, square_signature(2, 1), 5};
  Reservoir c{8, square_signature(2, 1), 6};
  for (auto* reservoir : {&a, &b, &c}) fill(*reservoir, 1000);
  const auto held = [](const Reservoir& reservoir) {
    return std::vector<double>(numbers(reservoir.targets()), numbers(reservoir.targets()) + 8);
  };
  CHECK(held(a) == held(b));
  CHECK(held(a) != held(c));
}
