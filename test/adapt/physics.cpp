// Burgers' equation against published and exact values, and functions whose lowest values are
// known.
#include "cole_hopf.hpp"
#include "functions.hpp"
#include "shock_runs.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <set>
#include <stdexcept>
#include <vector>

namespace {

using namespace adapt;
using std::numbers::pi;

TEST_CASE("the exact solution has the slope of Basdevant et al. (1986)")
{
  const auto steepest = ColeHopf{published_viscosity}.steepest();
  CHECK(steepest.slope == doctest::Approx(published_slope).epsilon(1e-7));
  CHECK(pi * steepest.time == doctest::Approx(published_pi_time).epsilon(1e-4));
}

TEST_CASE("the exact solution solves the equation from where it begins")
{
  const ColeHopf exact{0.02};
  for (const double x : {-0.7, -0.03, 0.0, 0.2}) {
    CHECK(exact.velocity(x, 0) == doctest::Approx(-std::sin(pi * x)));
    CHECK(exact.slope(x, 0) == doctest::Approx(-pi * std::cos(pi * x)));
    for (const double t : {0.1, 0.4, 0.9}) {
      const double h = 1e-3;
      const auto u = [&](double dx, double dt) { return exact.velocity(x + dx, t + dt); };
      CHECK(exact.slope(x, t) ==
            doctest::Approx((8 * (u(h, 0) - u(-h, 0)) - u(2 * h, 0) + u(-2 * h, 0)) / (12 * h))
                .epsilon(1e-4));
      const double advected = u(0, 0) * exact.slope(x, t);
      const double diffused = 0.02 * (exact.slope(x + h, t) - exact.slope(x - h, t)) / (2 * h);
      CHECK((u(0, h) - u(0, -h)) / (2 * h) == doctest::Approx(diffused - advected).epsilon(1e-3));
    }
  }
  CHECK_THROWS_AS(ColeHopf{0}, std::invalid_argument);
}

TEST_CASE("the solver has that slope where six points lie on the shock's width")
{
  const double time = published_pi_time / pi;
  CHECK(solver_slope(published_viscosity, time, 6) ==
        doctest::Approx(published_slope).epsilon(1e-4));
  CHECK(solver_slope(published_viscosity, time, 2) !=
        doctest::Approx(published_slope).epsilon(1e-3));
}

TEST_CASE("rows of a run are the exact solution")
{
  ShockSettings settings;
  settings.lowest = 0.02;
  settings.highest = 0.05;
  const auto rows = shock_run(settings, 3, 7);
  const double viscosity = viscosity_of(settings, 3, 7);
  REQUIRE(rows.count == 40 * 64);
  REQUIRE(rows.input.size() == static_cast<std::size_t>(rows.count * features));
  const ColeHopf exact{viscosity};
  double worst = 0;
  double nearest = 1;
  for (std::size_t i = 0; i < rows.output.size(); ++i) {
    const double x = rows.input[features * i];
    const double t = rows.input[features * i + 2];
    const auto again = feature(x, t, viscosity);
    CHECK(std::equal(again.begin(), again.end(),
                     rows.input.begin() + features * static_cast<long>(i)));
    worst = std::max(worst, std::abs(rows.output[i] - exact.velocity(x, t)));
    nearest = std::min(nearest, std::abs(x));
  }
  CHECK(worst < 1e-4);
  CHECK(nearest < 0.02);
  CHECK(shock_run(settings, 3, 7).output == rows.output);
  CHECK(shock_run(settings, 4, 7).output != rows.output);
}

TEST_CASE("runs fill the range of viscosities evenly")
{
  const ShockSettings settings;
  std::set<int> tenths;
  for (std::int64_t run = 0; run < 20; ++run) {
    const double viscosity = viscosity_of(settings, 5, run);
    CHECK(viscosity >= settings.lowest);
    CHECK(viscosity <= settings.highest);
    tenths.insert(static_cast<int>(10 * std::log(viscosity / settings.lowest) /
                                   std::log(settings.highest / settings.lowest)));
  }
  CHECK(tenths.size() == 10);
}

TEST_CASE("what cannot be simulated is refused")
{
  ShockSettings settings;
  settings.lowest = 0;
  CHECK_THROWS_AS(shock_run(settings, 0, 0), std::invalid_argument);
  settings = {};
  settings.times = 0;
  CHECK_THROWS_AS(check(settings), std::invalid_argument);
}

TEST_CASE("Branin's function is lowest at three points, Hartmann's at one")
{
  for (const auto& [x, y] : {std::pair{-pi, 12.275}, {pi, 2.275}, {9.42478, 2.475}})
    CHECK(branin(x, y) == doctest::Approx(0.397887).epsilon(1e-6));
  const std::array<double, 6> best{0.20169, 0.150011, 0.476874, 0.275332, 0.311652, 0.6573};
  CHECK(hartmann(best) == doctest::Approx(-3.32237).epsilon(1e-6));
  double least = 1e9;
  for (int i = 0; i <= 300; ++i)
    for (int j = 0; j <= 300; ++j) least = std::min(least, branin(-5 + 0.05 * i, 0.05 * j));
  CHECK(least > branin_lowest);
  CHECK(least < branin_lowest + 0.01);
  for (std::size_t i = 0; i < 6; ++i) {
    auto beside = best;
    beside[i] += 0.01;
    CHECK(hartmann(beside) > hartmann(best));
  }
  CHECK_THROWS_AS(function("sphere", best), std::invalid_argument);
  CHECK_THROWS_AS(function("branin", best), std::invalid_argument);
}

TEST_CASE("a synthetic training approaches its value, noise apart")
{
  const auto quiet = curve(1.5, 11, 0);
  CHECK(quiet.at(1) > quiet.at(2));
  CHECK(quiet.at(100000) == doctest::Approx(1.5).epsilon(0.01));
  const auto noisy = curve(1.5, 11, 0.1);
  double square = 0;
  for (std::int64_t epochs = 1; epochs <= 400; ++epochs)
    square += std::pow(noisy.at(epochs) - quiet.at(epochs), 2);
  CHECK(std::sqrt(square / 400) == doctest::Approx(0.1).epsilon(0.1));
  CHECK(noisy.at(7) == noisy.at(7));
}

}  // namespace
