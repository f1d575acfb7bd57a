// The Taylor-Green vortex of reduce against the exact solution.
#include "taylor_green.hpp"

#include "reduce/parts.hpp"

#include <doctest/doctest.h>

#include <cmath>

using reduce::TaylorGreen;
using reduce::TaylorGreenSettings;

namespace {

TaylorGreenSettings vortex(std::int64_t cells, double viscosity)
{
  TaylorGreenSettings settings;
  settings.cells = cells;
  settings.viscosity = viscosity;
  return settings;
}

void advance_to(TaylorGreen& solver, double time)
{
  while (solver.time() < time - solver.dt() / 2) solver.step();
}

/// Root mean square of the velocity's error, over all ranks.
double error_of(const TaylorGreen& solver)
{
  const auto& part = solver.halo().part();
  const auto cells = static_cast<std::size_t>(part.cells());
  double sum = 0;
  for (std::int64_t iy = 0; iy < part.count[1]; ++iy)
    for (std::int64_t ix = 0; ix < part.count[2]; ++ix) {
      const double y = (static_cast<double>(part.offset[1] + iy) + 0.5) * solver.spacing();
      const double x = (static_cast<double>(part.offset[2] + ix) + 0.5) * solver.spacing();
      const auto exact = reduce::taylor_green_velocity(solver.settings(), y, x, solver.time());
      const auto cell = static_cast<std::size_t>(iy * part.count[2] + ix);
      sum += std::pow(solver.velocity()[cell] - exact[0], 2) +
             std::pow(solver.velocity()[cells + cell] - exact[1], 2);
    }
  MPI_Allreduce(MPI_IN_PLACE, &sum, 1, MPI_DOUBLE, MPI_SUM, solver.halo().comm());
  return std::sqrt(sum) / static_cast<double>(solver.settings().cells);
}

/// Mean over the steps until then: sound waves of the method's own size come and go in it.
double mean_error(std::int64_t cells, double time)
{
  TaylorGreen solver{MPI_COMM_WORLD, vortex(cells, 0.1)};
  double sum = 0;
  int steps = 0;
  for (; solver.time() < time - solver.dt() / 2; ++steps) {
    solver.step();
    sum += error_of(solver);
  }
  return sum / steps;
}

}  // namespace

TEST_CASE("it begins as the exact solution does")
{
  TaylorGreen solver{MPI_COMM_WORLD, vortex(24, 0.1)};
  CHECK(error_of(solver) < 1e-14);
  CHECK(solver.energy() == doctest::Approx(0.25).epsilon(1e-12));
}

TEST_CASE("kinetic energy decays as e^(-4 nu t)")
{
  for (const double viscosity : {0.05, 0.2}) {
    TaylorGreen solver{MPI_COMM_WORLD, vortex(48, viscosity)};
    const double before = solver.energy();
    advance_to(solver, 1);
    const double rate = std::log(before / solver.energy()) / solver.time();
    CHECK(rate == doctest::Approx(4 * viscosity).epsilon(0.005));
  }
}

TEST_CASE("a vortex of wavenumber 2 decays four times as fast")
{
  auto settings = vortex(48, 0.05);
  settings.wavenumber = 2;
  TaylorGreen solver{MPI_COMM_WORLD, settings};
  const double before = solver.energy();
  advance_to(solver, 1);
  CHECK(std::log(before / solver.energy()) / solver.time() ==
        doctest::Approx(16 * 0.05).epsilon(0.01));
}

TEST_CASE("the error falls with the square of the spacing")
{
  const double coarse = mean_error(32, 1);
  const double fine = mean_error(64, 1);
  CHECK(std::log2(coarse / fine) == doctest::Approx(2).epsilon(0.1));
  CHECK(fine < 1e-3);
}

TEST_CASE("any number of ranks computes the same bits, disturbed, through a change of viscosity")
{
  reduce::SystemSettings settings;
  settings.name = "taylor-green";
  settings.size = 19;
  settings.perturbation = 0.5;
  CHECK(reduce::test::differing_after(settings, 60) == 0);
}

TEST_CASE("settings that make no sense are refused")
{
  CHECK_THROWS_AS((TaylorGreen{MPI_COMM_WORLD, vortex(4, 0.1)}), std::invalid_argument);
  CHECK_THROWS_AS((TaylorGreen{MPI_COMM_WORLD, vortex(16, 0)}), std::invalid_argument);
}
