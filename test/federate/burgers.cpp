// The Burgers solver against published and exact values.
#include "support/burgers.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <stdexcept>

namespace {

using miniapp::Burgers;
using std::numbers::pi;

Burgers sine(int points, double viscosity)
{
  Burgers burgers{points, viscosity};
  std::vector<double> u;
  for (int i = 0; i < points; ++i) u.push_back(-std::sin(pi * burgers.position(i)));
  burgers.set(u);
  return burgers;
}

/// A travelling wave's decay by the formula of Cole and Hopf: u = -2 nu phi_x / phi with
/// phi = 1 + a exp(-nu pi^2 t) cos(pi x).
double exact(double x, double t, double viscosity)
{
  const double a = 0.8 * std::exp(-viscosity * pi * pi * t);
  return 2 * viscosity * pi * a * std::sin(pi * x) / (1 + a * std::cos(pi * x));
}

double error_at(int points, double viscosity)
{
  Burgers burgers{points, viscosity};
  std::vector<double> u;
  for (int i = 0; i < points; ++i) u.push_back(exact(burgers.position(i), 0, viscosity));
  burgers.set(u);
  burgers.advance(1);
  double worst = 0;
  for (int i = 0; i < points; ++i)
    worst = std::max(worst, std::abs(burgers.velocity()[static_cast<std::size_t>(i)] -
                                     exact(burgers.position(i), 1, viscosity)));
  return worst;
}

TEST_CASE("the largest slope is that of Basdevant et al. (1986)")
{
  const int points = 3072;
  auto burgers = sine(points, 0.01 / pi);
  burgers.advance(1.6037 / pi);
  // The face at x = 0.
  CHECK(burgers.slope(points / 2 - 1) == doctest::Approx(-152.00516).epsilon(2e-6));
  const double largest = burgers.slope(points / 2 - 1);
  burgers.advance(0.01);
  CHECK(burgers.slope(points / 2 - 1) > largest);
}

TEST_CASE("an exact solution is approached with order 6")
{
  const double coarse = error_at(32, 0.05);
  const double fine = error_at(64, 0.05);
  MESSAGE("errors " << coarse << ' ' << fine);
  CHECK(std::log2(coarse / fine) > 5.5);
  CHECK(fine < 1e-6);
}

TEST_CASE("momentum is kept, energy is not")
{
  auto burgers = sine(128, 0.02);
  auto u = burgers.velocity();
  for (double& value : u) value += 0.25;
  burgers.set(u);
  const auto sum = [&] {
    return std::accumulate(burgers.velocity().begin(), burgers.velocity().end(), 0.0);
  };
  const auto energy = [&] {
    return std::inner_product(burgers.velocity().begin(), burgers.velocity().end(),
                              burgers.velocity().begin(), 0.0);
  };
  const double before = sum();
  const double energy_before = energy();
  burgers.advance(2);
  CHECK(sum() == doctest::Approx(before).epsilon(1e-12));
  CHECK(energy() < 0.6 * energy_before);
}

TEST_CASE("what cannot be solved is refused")
{
  CHECK_THROWS_AS((Burgers{4, 0.1}), std::invalid_argument);
  CHECK_THROWS_AS((Burgers{64, 0}), std::invalid_argument);
  Burgers burgers{64, 0.1};
  CHECK_THROWS_AS(burgers.set(std::vector<double>(63)), std::invalid_argument);
}

}  // namespace
