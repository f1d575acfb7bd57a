// What silos learn: the sub-grid flux, and linear regression with its fixed point.
#include "regression.hpp"
#include "subgrid.hpp"

#include "support/burgers.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>

namespace {

using namespace federate;

TEST_CASE("with its sub-grid flux a coarse solver does what the resolved one does")
{
  const int points = 256;
  const int cells = 16;
  const double viscosity = 0.03;
  miniapp::Burgers burgers{points, viscosity};
  std::vector<double> u;
  for (int i = 0; i < points; ++i)
    u.push_back(0.3 + std::sin(std::numbers::pi * burgers.position(i)));
  burgers.set(u);
  burgers.advance(0.7);
  const auto before = coarse(burgers.velocity(), cells);
  const auto extra = subgrid_fluxes(burgers.fluxes(), before, viscosity);
  const double step = 1e-6;
  burgers.advance(step);
  const auto after = coarse(burgers.velocity(), cells);
  const double spacing = 2.0 / cells;
  for (std::size_t i = 0; i < before.size(); ++i) {
    const auto flux = [&](std::size_t cell) {
      const std::size_t left = cell % before.size();
      return extra[left] +
             central_flux(before[left], before[(left + 1) % before.size()], viscosity, spacing);
    };
    const double tendency = -(flux(i) - flux(i + before.size() - 1)) / spacing;
    CHECK((after[i] - before[i]) / step == doctest::Approx(tendency).epsilon(1e-4));
  }
  CHECK_THROWS_AS(static_cast<void>(coarse(u, 15)), std::invalid_argument);
}

TEST_CASE("a coarse run is as good as its closure")
{
  SubgridSettings settings;
  settings.training = 0;
  settings.held_out = 0;
  settings.judged = 2;
  settings.time = 0.6;
  const Subgrid problem{settings};
  const auto judged = problem.samples(1, Part::judged);
  const auto rows = [](const std::vector<double>& input) { return input.size() / 5; };
  const auto nothing = [&](const std::vector<double>& input) {
    return std::vector<double>(rows(input));
  };
  CHECK(problem.run_error(judged, nothing) == doctest::Approx(1));
  // Of fourth order in smooth flow: the central flux's error, and that of taking means for values.
  const auto taylor = [&](const std::vector<double>& input) {
    std::vector<double> out(rows(input));
    for (std::size_t i = 0; i < out.size(); ++i) {
      const double* u = &input[5 * i];
      const double high = (7 * (u[1] + u[2]) - u[0] - u[3]) / 12;
      const double low = (u[1] + u[2]) / 2;
      const double viscosity = viscosity_unit * std::exp2(u[4]);
      const double slope = (15 * (u[2] - u[1]) - (u[3] - u[0])) / 12 - (u[2] - u[1]);
      out[i] = ((high * high - low * low) / 2 - viscosity * slope / 0.125) / flux_unit;
    }
    return out;
  };
  CHECK(problem.run_error(judged, taylor) < 0.5);
  const auto wild = [&](const std::vector<double>& input) {
    std::vector<double> out(rows(input));
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = 1e4 * input[5 * i + 1];
    return out;
  };
  CHECK(problem.run_error(judged, wild) > 10);
}

TEST_CASE("silos see other winds, and the same samples for the same seed")
{
  SubgridSettings settings;
  settings.training = 2;
  settings.held_out = 1;
  settings.judged = 1;
  settings.time = 0.3;
  const Subgrid problem{settings};
  const auto mean = [](const Samples& samples) {
    double sum = 0;
    for (std::int64_t row = 0; row < samples.count; ++row)
      sum += samples.input[static_cast<std::size_t>(5 * row)];
    return sum / static_cast<double>(samples.count);
  };
  const auto left = problem.samples(0, Part::training);
  const auto right = problem.samples(2, Part::training);
  const auto held_out = problem.samples(0, Part::held_out);
  CHECK(left.count == 2 * 3 * 16);
  CHECK(held_out.count == 1 * 3 * 16);
  CHECK(mean(left) < -0.5);
  CHECK(mean(right) > 0.5);
  CHECK(problem.samples(0, Part::training).input == left.input);
  CHECK(left.input != held_out.input);
  settings.seed = 1;
  CHECK(Subgrid{settings}.samples(0, Part::training).input != left.input);
  CHECK(regime_of(0, 1).mean_low == -regime_of(0, 1).mean_high);
}

TEST_CASE("with one step averaging ends where the loss of all samples is lowest, else elsewhere")
{
  const Regression problem{3, 3};
  std::vector<Samples> silos;
  Samples all;
  for (int silo = 0; silo < 3; ++silo) {
    silos.push_back(problem.samples(silo, Part::training));
    all.append(silos.back());
  }
  const Line lowest = least_squares(all);
  const Line one = fixed_point(silos, 0.05, 1);
  const Line many = fixed_point(silos, 0.05, 20);
  double apart = 0;
  for (std::size_t i = 0; i < lowest.size(); ++i) {
    CHECK(one[i] == doctest::Approx(lowest[i]).epsilon(1e-9));
    apart = std::max(apart, std::abs(many[i] - lowest[i]));
  }
  CHECK(apart > 0.01);
  // It is one: averaging leads back to it.
  Line next(many.size());
  for (const auto& samples : silos) {
    const Line own = descend(samples, many, 0.05, 20);
    for (std::size_t i = 0; i < next.size(); ++i)
      next[i] += own[i] * static_cast<double>(samples.count) / static_cast<double>(all.count);
  }
  for (std::size_t i = 0; i < next.size(); ++i)
    CHECK(next[i] == doctest::Approx(many[i]).epsilon(1e-9));
}

}  // namespace
