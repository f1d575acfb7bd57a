// The Gray-Scott solver of reduce against what is known of its equations.
#include "gray_scott.hpp"

#include "reduce/parts.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

using reduce::GrayScott;
using reduce::GrayScottSettings;

namespace {

constexpr double pi = std::numbers::pi;

GrayScottSettings small(int dimensions)
{
  GrayScottSettings settings;
  settings.dimensions = dimensions;
  settings.cells = {dimensions == 3 ? 10 : 1, 14, 12};
  if (dimensions == 3) settings.dt = 0.75;
  return settings;
}

/// Over the cells of all ranks.
double sum_over(const GrayScott& solver, const std::function<double(double u, double v)>& of)
{
  const auto& part = solver.halo().part();
  const auto& layout = solver.halo().layout();
  double sum = 0;
  for (std::int64_t z = 0; z < part.count[0]; ++z)
    for (std::int64_t y = 0; y < part.count[1]; ++y)
      for (std::int64_t x = 0; x < part.count[2]; ++x) {
        const auto at = static_cast<std::size_t>(layout.at(z, y, x));
        sum +=
            of(solver.state()[at], solver.state()[at + static_cast<std::size_t>(layout.component)]);
      }
  MPI_Allreduce(MPI_IN_PLACE, &sum, 1, MPI_DOUBLE, MPI_SUM, solver.halo().comm());
  return sum;
}

/// A smooth profile along an edge of 1 on `cells`, after a time of 0.01 with everything acting.
std::vector<double> profile_after(std::int64_t cells)
{
  GrayScottSettings settings;
  settings.cells = {1, 8, cells};
  settings.spacing = 1.0 / static_cast<double>(cells);
  settings.diffusivity_u = 0.2;
  settings.diffusivity_v = 0.1;
  settings.feed = 2;
  settings.kill = 1;
  const auto steps = cells * cells / 40;
  settings.dt = 0.01 / static_cast<double>(steps);
  GrayScott solver{MPI_COMM_SELF, settings};
  solver.fill([](double, double, double x) {
    return std::array{0.6 + 0.3 * std::sin(2 * pi * x), 0.5 + 0.4 * std::cos(2 * pi * x)};
  });
  for (std::int64_t step = 0; step < steps; ++step) solver.step();
  const auto begin = solver.state().begin() + solver.halo().layout().first;
  return {begin, begin + cells};
}

/// Root mean square of the difference, with the finer cells averaged by three.
double difference(const std::vector<double>& coarse, const std::vector<double>& fine)
{
  double sum = 0;
  for (std::size_t i = 0; i < coarse.size(); ++i) sum += std::pow(coarse[i] - fine[3 * i + 1], 2);
  return std::sqrt(sum / static_cast<double>(coarse.size()));
}

}  // namespace

TEST_CASE("without v and without feed a Fourier mode of u decays as the scheme's does, exactly")
{
  for (const int dimensions : {2, 3}) {
    auto settings = small(dimensions);
    settings.feed = settings.kill = 0;
    GrayScott solver{MPI_COMM_WORLD, settings};
    const auto waves = [&](double y, double x) {
      return std::cos(2 * pi * x / 12) * std::cos(2 * pi * y / 14);
    };
    solver.fill([&](double, double y, double x) {
      return std::array{0.5 + 0.1 * waves(y, x), 0.0};
    });
    constexpr int steps = 50;
    for (int step = 0; step < steps; ++step) solver.step();
    const double rate =
        settings.diffusivity_u * (2 * std::cos(2 * pi / 12) + 2 * std::cos(2 * pi / 14) - 4);
    const double left = std::pow(1 + settings.dt * rate, steps);
    // 0.05^2 of half a wave's mean square each way.
    const double square = sum_over(solver, [](double u, double) { return (u - 0.5) * (u - 0.5); }) /
                          sum_over(solver, [](double, double) { return 1.0; });
    CHECK(std::sqrt(square) == doctest::Approx(0.05 * left).epsilon(1e-10));
  }
}

TEST_CASE("without feed and kill nothing is lost: the sum of both species stays")
{
  for (const int dimensions : {2, 3}) {
    auto settings = small(dimensions);
    settings.feed = settings.kill = 0;
    GrayScott solver{MPI_COMM_WORLD, settings};
    const auto both = [](double u, double v) { return u + v; };
    const auto first = [](double u, double) { return u; };
    const double before = sum_over(solver, both);
    const double u_before = sum_over(solver, first);
    for (int step = 0; step < 100; ++step) solver.step();
    CHECK(sum_over(solver, both) == doctest::Approx(before).epsilon(1e-12));
    CHECK(sum_over(solver, first) < 0.99 * u_before);
  }
}

TEST_CASE("without v, u goes to 1 at the rate of the feed")
{
  auto settings = small(2);
  GrayScott solver{MPI_COMM_WORLD, settings};
  solver.fill([](double, double, double) { return std::array{0.25, 0.0}; });
  for (int step = 0; step < 20; ++step) solver.step();
  const double left = 0.75 * std::pow(1 - settings.feed, 20);
  CHECK(sum_over(solver, [](double u, double) { return 1 - u; }) ==
        doctest::Approx(14 * 12 * left).epsilon(1e-12));
}

TEST_CASE("the error falls with the square of the spacing, steps with it")
{
  const auto coarse = profile_after(20);
  const auto middle = profile_after(60);
  const auto fine = profile_after(180);
  const double order =
      std::log(difference(coarse, middle) / difference(middle, fine)) / std::log(3.0);
  CHECK(order == doctest::Approx(2).epsilon(0.05));
}

TEST_CASE("what begins symmetric stays so, in every bit")
{
  auto settings = small(2);
  settings.cells = {1, 16, 16};
  GrayScott solver{MPI_COMM_SELF, settings};
  solver.fill([](double, double y, double x) {
    const bool in = std::abs(x - 8) < 3 && std::abs(y - 8) < 3;
    return in ? std::array{0.5, 0.25} : std::array{1.0, 0.0};
  });
  for (int step = 0; step < 200; ++step) solver.step();
  const auto& layout = solver.halo().layout();
  int broken = 0;
  for (std::int64_t y = 0; y < 16; ++y)
    for (std::int64_t x = 0; x < 16; ++x) {
      const auto u = [&](std::int64_t iy, std::int64_t ix) {
        return solver.state()[static_cast<std::size_t>(layout.at(0, iy, ix))];
      };
      broken += u(y, x) == u(15 - y, x) && u(y, x) == u(y, 15 - x) && u(y, x) == u(x, y) ? 0 : 1;
    }
  CHECK(broken == 0);
}

TEST_CASE("any number of ranks computes the same bits, through a change of rates")
{
  for (const auto* name : {"gray-scott", "gray-scott-3d"}) {
    reduce::SystemSettings settings;
    settings.name = name;
    settings.size = 17;
    CHECK(reduce::test::differing_after(settings, 60) == 0);
  }
}

TEST_CASE("a saved state goes on with the same bits")
{
  reduce::SystemSettings settings;
  settings.size = 16;
  const auto one = reduce::make_system(MPI_COMM_WORLD, settings);
  for (int step = 0; step < 10; ++step) one->step();
  const auto saved = one->save();
  for (int step = 0; step < 10; ++step) one->step();
  const auto after = reduce::dense(one->view(), one->part());
  one->change();
  one->step();
  one->restore(saved);
  for (int step = 0; step < 10; ++step) one->step();
  CHECK(reduce::dense(one->view(), one->part()) == after);
}

TEST_CASE("steps that would be unstable are refused")
{
  auto settings = small(2);
  settings.dt = 2;
  CHECK_THROWS_AS((GrayScott{MPI_COMM_WORLD, settings}), std::invalid_argument);
}
