// Forces of steer's potentials against differences of the energy; quenches.
#include "coordination.hpp"
#include "lennard_jones.hpp"
#include "muller_brown.hpp"
#include "quench.hpp"
#include "random.hpp"

#include <doctest/doctest.h>
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>

using steer::LennardJones;
using steer::MullerBrown;
using steer::Random;

namespace {

/// Largest difference of the force from central differences, relative to the largest force.
template <typename Potential>
double worst(const Potential& potential, typename Potential::Vector x)
{
  typename Potential::Vector force{};
  typename Potential::Vector ignored{};
  potential.evaluate(x, force);
  double off = 0;
  double largest = 0;
  for (std::size_t i = 0; i < Potential::size; ++i) {
    constexpr double h = 1e-5;
    const double at = x[i];
    x[i] = at + h;
    const double up = potential.evaluate(x, ignored);
    x[i] = at - h;
    const double down = potential.evaluate(x, ignored);
    x[i] = at;
    off = std::max(off, std::abs(force[i] + (up - down) / (2 * h)));
    largest = std::max(largest, std::abs(force[i]));
  }
  return off / largest;
}

/// Atoms on a square or cubic grid, a little off it; the outermost are beyond the wall.
template <typename Potential>
typename Potential::Vector some_frame(std::uint64_t seed, std::size_t edge)
{
  Random random(seed);
  typename Potential::Vector x{};
  for (std::size_t i = 0; i < Potential::count; ++i) {
    std::size_t rest = i;
    for (std::size_t k = 0; k < Potential::axes; ++k, rest /= edge) {
      x[k * Potential::count + i] =
          1.15 * static_cast<double>(rest % edge) + 0.2 * random.uniform();
    }
  }
  return x;
}

}  // namespace

TEST_CASE("forces are minus the gradient, inside and outside of the wall")
{
  CHECK(worst(MullerBrown{}, {-0.3, 0.9}) < 1e-7);
  CHECK(worst(MullerBrown{}, {0.8, -0.4}) < 1e-7);
  for (const double wall : {0.8, 1.2, 5.0}) {
    CAPTURE(wall);
    const auto flat = some_frame<LennardJones<7, 2>>(1, 3);
    CHECK(worst(LennardJones<7, 2>(wall), flat) < 1e-7);
    CHECK(worst(LennardJones<13, 3>(wall), some_frame<LennardJones<13, 3>>(2, 3)) < 1e-7);
    CHECK(worst(LennardJones<38, 3>(wall), some_frame<LennardJones<38, 3>>(3, 4)) < 1e-7);
    // The wall pulls at the atoms, not at the cluster.
    std::array<double, 14> force{};
    LennardJones<7, 2>(wall).evaluate(flat, force);
    double sum = 0;
    for (std::size_t i = 0; i < 7; ++i) sum += force[i];
    CHECK(std::abs(sum) < 1e-10);
  }
}

TEST_CASE("the wall costs 50 (r - wall)^2")
{
  std::array<double, 14> x = some_frame<LennardJones<7, 2>>(4, 3);
  std::array<double, 14> force{};
  const auto mean = LennardJones<7, 2>::centre(x);
  double wanted = 0;
  for (std::size_t i = 0; i < 7; ++i) {
    const double radius = std::hypot(x[i] - mean[0], x[7 + i] - mean[1]);
    if (radius > 1) wanted += 50 * (radius - 1) * (radius - 1);
  }
  REQUIRE(wanted > 0);
  const double with = LennardJones<7, 2>(1).evaluate(x, force);
  const double without = LennardJones<7, 2>(100).evaluate(x, force);
  CHECK(with - without == doctest::Approx(wanted).epsilon(1e-12));
}

TEST_CASE("two atoms are bound by -1 at 2^(1/6)")
{
  LennardJones<2, 2> pair(10);
  std::array<double, 4> force{};
  CHECK(pair.evaluate({0, std::pow(2, 1.0 / 6), 0, 0}, force) == doctest::Approx(-1));
  CHECK(std::abs(force[0]) < 1e-12);
  const auto minimum = steer::quench(pair, {0, 1.5, 0, 0.3});
  CHECK(minimum.found);
  CHECK(minimum.energy == doctest::Approx(-1).epsilon(1e-8));
}

TEST_CASE("the minima and saddles of Müller and Brown are where they are known to be")
{
  const MullerBrown potential;
  MullerBrown::Vector force{};
  CHECK(potential.evaluate({-0.558224, 1.441726}, force) == doctest::Approx(-146.699517));
  CHECK(potential.evaluate({0.623499, 0.028038}, force) == doctest::Approx(-108.166724));
  CHECK(potential.evaluate({-0.050011, 0.466694}, force) == doctest::Approx(-80.767818));
  CHECK(potential.evaluate({-0.822002, 0.624313}, force) == doctest::Approx(-40.664844));
  CHECK(std::hypot(force[0], force[1]) < 0.01);
  CHECK(potential.evaluate({0.212487, 0.292988}, force) == doctest::Approx(-72.248940));
  CHECK(std::hypot(force[0], force[1]) < 0.01);
  // Either side of the saddles.
  CHECK(potential.basin({-0.822 - 0.03, 0.624 + 0.03}) == 0);
  CHECK(potential.basin({-0.822 + 0.03, 0.624 - 0.03}) == 2);
  CHECK(potential.basin({0.2125 - 0.03, 0.293 + 0.02}) == 2);
  CHECK(potential.basin({0.2125 + 0.03, 0.293 - 0.02}) == 1);
  CHECK(potential.basin({std::numeric_limits<double>::quiet_NaN(), 0}) == -1);
  CHECK(potential.basin({100, 100}) == -1);
}

TEST_CASE("a quench ends in the basin of steepest descent")
{
  const LennardJones<7, 2> potential(2);
  int same = 0;
  constexpr int frames = 40;
  for (int seed = 0; seed < frames; ++seed) {
    const auto start = some_frame<LennardJones<7, 2>>(static_cast<std::uint64_t>(seed), 3);
    const auto minimum = steer::quench(potential, start);
    REQUIRE(minimum.found);
    auto x = start;
    std::array<double, 14> force{};
    potential.evaluate(x, force);
    for (int step = 0; step < 20000; ++step) {
      double square = 0;
      for (const double each : force) square += each * each;
      const double h = std::min(5e-4, 0.005 / std::sqrt(square));
      for (std::size_t i = 0; i < 14; ++i) x[i] += h * force[i];
      potential.evaluate(x, force);
    }
    const double energy = potential.evaluate(x, force);
    same += std::abs(energy - minimum.energy) < 1e-4 ? 1 : 0;
  }
  CHECK(same >= frames - 2);  // near a ridge they may differ
}

TEST_CASE("a quench of a frame that is not finite says that nothing was found")
{
  const LennardJones<7, 2> potential(2);
  auto x = some_frame<LennardJones<7, 2>>(1, 3);
  x[3] = std::numeric_limits<double>::quiet_NaN();
  CHECK_FALSE(steer::quench(potential, x).found);
  x.fill(0);  // all atoms in one place
  CHECK_FALSE(steer::quench(potential, x).found);
}

TEST_CASE("coordination numbers follow their atoms and ignore where the cluster is")
{
  using Potential = LennardJones<7, 2>;
  const auto x = some_frame<Potential>(5, 3);
  const auto numbers = steer::coordination<Potential>(x);
  auto moved = x;
  for (std::size_t i = 0; i < 7; ++i) {
    moved[i] = 3 - x[7 + i];
    moved[7 + i] = 8 + x[i];
  }
  std::swap(moved[0], moved[4]);
  std::swap(moved[7], moved[11]);
  const auto again = steer::coordination<Potential>(moved);
  CHECK(again[4] == doctest::Approx(numbers[0]).epsilon(1e-12));
  CHECK(again[0] == doctest::Approx(numbers[4]).epsilon(1e-12));
  CHECK(again[2] == doctest::Approx(numbers[2]).epsilon(1e-12));
}
