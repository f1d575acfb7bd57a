#include "robertson.hpp"

#include <doctest/doctest.h>
#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <type_traits>
#include <utility>

using inner::Robertson;
using Cell = std::array<double, inner::species>;

namespace {

constexpr Cell start{1, 0, 0};

// From shared/reference-values.md, computed independently; seven digits are given.
struct Reference {
  double time;
  Cell value;
};
constexpr std::array<Reference, 2> references{{
    {0.4, {0.9851721, 3.386395e-5, 1.479402e-2}},
    {40.0, {0.7158271, 9.185535e-6, 0.2841637}},
}};

double relative(double value, double reference)
{
  return std::abs(value / reference - 1);
}

// Half a unit of the sixth digit of a number that begins with 1: all six digits are right.
constexpr double six_digits = 5e-7;

Cell advanced(Robertson& kinetics, Cell cell, double dt, int times = 1)
{
  for (int i = 0; i < times; ++i) {
    kinetics.advance(cell, cell, dt);
  }
  return cell;
}

}  // namespace

TEST_CASE("Robertson's problem agrees with the reference to six digits")
{
  Robertson kinetics;
  for (const auto& reference : references) {
    CAPTURE(reference.time);
    const Cell once = advanced(kinetics, start, reference.time);
    for (std::size_t i = 0; i < inner::species; ++i) {
      CAPTURE(i);
      CHECK(relative(once[i], reference.value[i]) < six_digits);
    }
  }
  const Cell restarted = advanced(kinetics, start, 0.4, 100);
  for (std::size_t i = 0; i < inner::species; ++i) {
    CAPTURE(i);
    CHECK(relative(restarted[i], references[1].value[i]) < six_digits);
  }
}

TEST_CASE("Mass is kept to round-off and nothing becomes negative")
{
  Robertson kinetics;
  for (Cell cell : {start, Cell{0.5, 0, 0.5}, Cell{0.3, 1e-5, 0.9}, Cell{0, 0, 1}, Cell{0, 1, 0}}) {
    const double mass = cell[0] + cell[1] + cell[2];
    for (int step = 0; step < 100; ++step) {
      kinetics.advance(cell, cell, 0.4);
      REQUIRE(std::abs(cell[0] + cell[1] + cell[2] - mass) <=
              (step + 1) * std::numeric_limits<double>::epsilon());
      for (const double each : cell) {
        REQUIRE(each >= 0);
      }
    }
  }
}

TEST_CASE("Tighter tolerances converge")
{
  Robertson exact{{1e-12, {1e-14, 1e-18, 1e-14}}};
  const Cell best = advanced(exact, start, 0.4, 10);
  double before = 1;
  for (const double tolerance : {1e-4, 1e-6, 1e-8, 1e-10}) {
    Robertson kinetics{{tolerance, {tolerance * 1e-2, tolerance * 1e-6, tolerance * 1e-2}}};
    const Cell cell = advanced(kinetics, start, 0.4, 10);
    const double error = relative(cell[2], best[2]);
    CAPTURE(tolerance);
    CHECK(error < 100 * tolerance);
    CHECK(error < before);
    before = error;
  }
}

TEST_CASE("A cell's result does not depend on the cells before it")
{
  Robertson kinetics;
  const Cell cell{0.7, 2e-5, 0.2};
  const Cell alone = advanced(kinetics, cell, 0.4);
  advanced(kinetics, start, 40.0);
  advanced(kinetics, Cell{0.1, 0, 0.9}, 1e-3);
  CHECK(advanced(kinetics, cell, 0.4) == alone);
  Robertson other;
  CHECK(advanced(other, cell, 0.4) == alone);
}

TEST_CASE("The rates sum to zero")
{
  const Cell rate = inner::robertson_rate(Cell{0.7, 2e-5, 0.3});
  CHECK(rate[0] == doctest::Approx(-0.04 * 0.7 + 1e4 * 2e-5 * 0.3));
  CHECK(rate[2] == doctest::Approx(3e7 * 4e-10));
  CHECK(std::abs(rate[0] + rate[1] + rate[2]) < 1e-16);
}

TEST_CASE("Work is counted, and moves with its owner")
{
  Robertson kinetics;
  CHECK(kinetics.cells() == 0);
  advanced(kinetics, start, 0.4, 3);
  CHECK(kinetics.cells() == 3);
  CHECK(kinetics.right_hand_sides() > kinetics.steps());
  CHECK(kinetics.steps() > 3);

  Robertson other{std::move(kinetics)};
  CHECK(other.cells() == 3);
  other = Robertson{};
  CHECK(other.cells() == 0);
  CHECK(advanced(other, start, 0.4)[0] == doctest::Approx(0.9851721));
  static_assert(!std::is_copy_constructible_v<Robertson>);
}

TEST_CASE("What cannot be integrated is refused, and leaves no trace")
{
  Robertson kinetics;
  Cell out{7, 7, 7};
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_AS(kinetics.advance(Cell{nan, 0, 0}, out, 0.4), std::runtime_error);
  CHECK_THROWS_AS(kinetics.advance(start, out, 0), std::runtime_error);
  CHECK_THROWS_AS(kinetics.advance(Cell{1, -1, 0}, out, 0.4), std::runtime_error);
  CHECK(out == Cell{7, 7, 7});
  CHECK(advanced(kinetics, start, 0.4)[0] == doctest::Approx(0.9851721));
  CHECK_THROWS_AS((Robertson{{0.0, {1e-10, 1e-14, 1e-10}}}), std::invalid_argument);
}
