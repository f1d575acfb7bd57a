// The physics of the miniapp invert: exact and published values, what must hold for any stiffness,
// and the walks that its posterior is checked by.
#include "posterior.hpp"
#include "statistics.hpp"
#include "verification.hpp"
#include "wanted.hpp"

#include <doctest/doctest.h>
#include <algorithm>
#include <cmath>
#include <random>
#include <stdexcept>
#include <vector>

using invert::Membrane;
using invert::Mesh;
using invert::Posterior;

namespace {

std::vector<double> measured_at(const std::vector<double>& a, int cells = 32)
{
  Mesh mesh;
  mesh.cells = cells;
  Membrane membrane{mesh};
  std::vector<double> measured(mesh.measurements());
  membrane.solve(a, measured);
  return measured;
}

/// A stiffness without any symmetry.
std::vector<double> uneven()
{
  std::vector<double> a(64);
  for (std::size_t i = 0; i < a.size(); ++i) a[i] = std::exp(std::sin(double(5 * i)));
  return a;
}

/// An autoregressive chain: its integrated autocorrelation time is (1 + r) / (1 - r).
std::vector<double> chain(double r, std::size_t count, unsigned seed, double around = 0)
{
  std::mt19937_64 random{seed};
  std::normal_distribution<double> normal;
  std::vector<double> values(count);
  double x = normal(random);
  for (double& value : values) {
    x = r * x + std::sqrt(1 - r * r) * normal(random);
    value = around + x;
  }
  return values;
}

}  // namespace

TEST_CASE("published values, an exact solution, the adjoint")
{
  int checks = 0;
  CHECK(invert::verify([&](const invert::Check& check) {
    ++checks;
    INFO(check.name << ": " << check.value << ", " << check.reference);
    CHECK(check.passes());
  }));
  CHECK(checks == 10);
  CHECK_FALSE(invert::Check{"", 1.1, 1, 0.05}.passes());
  CHECK_FALSE(invert::Check{"", std::nan(""), 1, 0.05}.passes());
}

TEST_CASE("twice the stiffness, half of u; stiffer anywhere, less load to the point")
{
  const auto a = uneven();
  const auto u = measured_at(a);
  CHECK(*std::min_element(u.begin(), u.end()) > 0);
  auto twice = a;
  for (double& value : twice) value *= 2;
  const auto half = measured_at(twice);
  for (std::size_t i = 0; i < u.size(); ++i) CHECK(half[i] == doctest::Approx(u[i] / 2));
  // -grad J . a = J for J(a) = sum of u: it is homogeneous of degree -1.
  Membrane membrane{Mesh{}};
  std::vector<double> gradient(64);
  membrane.pull_back(a, std::vector<double>(169, 1.0), gradient);
  double sum = 0;
  double along = 0;
  for (const double value : u) sum += value;
  for (std::size_t i = 0; i < 64; ++i) along += gradient[i] * a[i];
  CHECK(-along == doctest::Approx(sum));
}

TEST_CASE("blocks are numbered along x first, points along y first")
{
  std::vector<double> a(64, 1.0);
  // Soft at x in [3/4, 7/8], y in [1/8, 1/4]: the membrane hangs lowest near it.
  a[6 + 8 * 1] = 0.02;
  const auto u = measured_at(a);
  const auto lowest = std::max_element(u.begin(), u.end()) - u.begin();
  CHECK(lowest / 13 == 10);
  CHECK(lowest % 13 == 2);
  Membrane membrane{Mesh{}};
  std::vector<double> measured(169);
  membrane.solve(a, measured);
  const auto field = membrane.field();
  CHECK(field.size() == 33 * 33);
  // Node (26, 6) is in the middle of that block.
  CHECK(std::max_element(field.begin(), field.end()) - field.begin() == 26 + 33 * 6);
  for (std::size_t i = 0; i < 33; ++i) CHECK(field[i] == 0);
}

TEST_CASE("a finer mesh comes nearer, and what cannot be is refused")
{
  const auto exact = measured_at(uneven(), 256);
  double last = 1;
  for (const int cells : {16, 32, 64, 128}) {
    const auto u = measured_at(uneven(), cells);
    double most = 0;
    for (std::size_t i = 0; i < u.size(); ++i) most = std::max(most, std::abs(u[i] - exact[i]));
    CHECK(most < 0.55 * last);
    last = most;
  }
  Mesh odd;
  odd.cells = 20;
  CHECK_THROWS_AS(Membrane{odd}, std::invalid_argument);
  Membrane membrane{Mesh{}};
  std::vector<double> measured(169);
  CHECK_THROWS_AS(membrane.solve(std::vector<double>(63, 1.0), measured), std::invalid_argument);
  auto a = uneven();
  membrane.solve(a, measured);
  for (const double bad : {0.0, -1.0, std::nan(""), HUGE_VAL}) {
    a[5] = bad;
    CHECK_THROWS_AS(membrane.solve(a, measured), std::domain_error);
  }
  // And goes on after that.
  const auto before = measured;
  membrane.solve(uneven(), measured);
  CHECK(measured == before);
}

TEST_CASE("the posterior's gradient, and its mode")
{
  Posterior posterior{{}, invert::published_data()};
  std::vector<double> theta(64);
  for (std::size_t i = 0; i < 64; ++i) theta[i] = std::sin(double(3 * i));
  std::vector<double> gradient(64);
  posterior.log_density(theta, gradient);
  for (const std::size_t k : {0U, 9U, 27U, 63U}) {
    const double h = 1e-5;
    auto moved = theta;
    moved[k] += h;
    const double above = posterior.log_density(moved);
    moved[k] -= 2 * h;
    const double below = posterior.log_density(moved);
    CHECK(gradient[k] == doctest::Approx((above - below) / (2 * h)).epsilon(1e-5));
  }
  // The benchmark's density in a, times the Jacobian of the logarithm.
  const auto one = posterior.log_density(std::vector<double>(64, 0.0));
  const auto e = posterior.log_density(std::vector<double>(64, 1.0));
  std::vector<double> measured = measured_at(std::vector<double>(64, std::exp(1.0)));
  const double likelihoods =
      invert::log_likelihood(measured, invert::published_data()) - -228.510844004;
  CHECK(e - one == doctest::Approx(likelihoods - 64.0 / 8 + 64));
  const auto around = invert::laplace(posterior);
  CHECK(around.log_density > one + 100);
  posterior.log_density(around.mode, gradient);
  for (const double value : gradient) CHECK(std::abs(value) < 0.05);
}

TEST_CASE("scores of Student's distribution are those of a normal one that are as unlikely")
{
  // Quantiles of the tables: 97.5 % of 1, 10 and 4 degrees of freedom, 75 % of one.
  CHECK(invert::normal_score(12.706205, 1) == doctest::Approx(1.959964).epsilon(1e-6));
  CHECK(invert::normal_score(2.228139, 10) == doctest::Approx(1.959964).epsilon(1e-6));
  CHECK(invert::normal_score(-2.776445, 4) == doctest::Approx(-1.959964).epsilon(1e-6));
  CHECK(invert::normal_score(1, 1) == doctest::Approx(0.674490).epsilon(1e-5));
  CHECK(invert::normal_score(3, 1e6) == doctest::Approx(3).epsilon(1e-4));
  CHECK(invert::normal_score(0, 7.5) == doctest::Approx(0).epsilon(1e-6));
}

TEST_CASE("effective samples of chains whose autocorrelation is known")
{
  const std::size_t count = 40000;
  for (const double r : {0.0, 0.5, 0.9}) {
    const double expected = double(count) * (1 - r) / (1 + r);
    const auto one = chain(r, count, 3);
    CHECK(invert::effective_samples(one) == doctest::Approx(expected).epsilon(0.1));
    CHECK(invert::effective_samples({one, chain(r, count, 4)}) ==
          doctest::Approx(2 * expected).epsilon(0.1));
    CHECK(invert::autocorrelation(one, 1)[1] == doctest::Approx(r).epsilon(0.05));
  }
  // Two chains that never meet are hardly two samples.
  CHECK(invert::effective_samples({chain(0, 1000, 1), chain(0, 1000, 2, 50)}) < 4);
  CHECK(invert::effective_samples(std::vector<double>(100, 1.0)) == 0);
  CHECK(invert::deviation_of(chain(0.5, count, 9)) == doctest::Approx(1).epsilon(0.03));
}

TEST_CASE("wanted fields")
{
  for (const auto& name : invert::known_fields()) {
    const auto field = invert::wanted_field(name);
    CHECK(field.size() == 169);
    CHECK(*std::min_element(field.begin(), field.end()) > 0);
    CHECK(*std::max_element(field.begin(), field.end()) < 1);
  }
  CHECK_THROWS_AS(invert::wanted_field("hill"), std::invalid_argument);
}
