// LJ7 moved by LAMMPS: the same energies, the same restarts, the right temperature; its MPI is each
// rank's own.
#include "lennard_jones.hpp"
#include "system.hpp"

#include <doctest/doctest.h>
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <stdexcept>
#include <vector>

namespace {

constexpr std::size_t coordinates = 14;

steer::SystemSettings settings(const char* engine)
{
  steer::SystemSettings result;
  result.engine = engine;
  result.target = "isomers";
  return result;
}

std::vector<double> saved(const steer::Walker& walker)
{
  std::vector<double> state(2 * coordinates);
  walker.save(state);
  return state;
}

}  // namespace

TEST_CASE("LAMMPS has the same energy, the wall's included")
{
  auto hot = settings("lammps");
  hot.temperature = 0.5;
  const auto walker = make_system(hot)->walker(1);
  const steer::LennardJones<7, 2> potential(2);
  std::array<double, coordinates> x{};
  std::array<double, coordinates> force{};
  int beyond = 0;
  for (int i = 0; i < 50; ++i) {
    walker->advance(100);
    const auto state = saved(*walker);
    std::copy_n(state.begin(), coordinates, x.begin());
    CHECK(walker->potential() == doctest::Approx(potential.evaluate(x, force)).epsilon(1e-10));
    std::array<double, coordinates> pull{};
    beyond += potential.hold(x, pull) > 0 ? 1 : 0;
  }
  CHECK(beyond > 0);
}

TEST_CASE("without friction both engines follow the same path")
{
  auto free = settings("lammps");
  free.friction = 0;
  const auto other = make_system(free)->walker(2);
  free.engine = "built-in";
  const auto own = make_system(free)->walker(2);
  CHECK(saved(*other) == saved(*own));
  own->advance(200);
  other->advance(200);
  const auto a = saved(*own);
  const auto b = saved(*other);
  for (std::size_t i = 0; i < a.size(); ++i) CHECK(std::abs(a[i] - b[i]) < 1e-9);
}

TEST_CASE("a seed says a trajectory of LAMMPS; a restart goes where it is sent")
{
  const auto system = make_system(settings("lammps"));
  const auto a = system->walker(5);
  const auto b = system->walker(5);
  a->advance(300);
  b->advance(300);
  CHECK(saved(*a) == saved(*b));
  // Far from where the other has its box.
  auto frame = saved(*a);
  for (std::size_t i = 0; i < coordinates; ++i) frame[i] += 40;
  b->restart(frame, 6);
  const auto there = saved(*b);
  for (std::size_t i = 0; i < coordinates; ++i) CHECK(there[i] == frame[i]);
  b->advance(300);
  CHECK(b->state() >= 0);
  frame[2] = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_AS(b->restart(frame, 7), std::runtime_error);
}

TEST_CASE("LAMMPS keeps the temperature")
{
  const auto walker = make_system(settings("lammps"))->walker(1);
  double sum = 0;
  constexpr int frames = 1000;
  for (int i = 0; i < frames; ++i) {
    walker->advance(100);
    sum += walker->kinetic();
  }
  // 7 kT; a correlation time of half a time unit leaves every frame independent or nearly so.
  CHECK(std::abs(sum / frames / (7 * 0.15) - 1) < 5 * std::sqrt(2 / 7.0 / 2 / frames * 2) + 0.01);
}
