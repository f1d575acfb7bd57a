#include "initial.hpp"
#include "reactor.hpp"

#include <doctest/doctest.h>
#include <mpi.h>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <stdexcept>
#include <vector>

using inner::Boundary;
using inner::Reactor;
using inner::Settings;

namespace {

int ranks()
{
  int size = 0;
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  return size;
}

// 13 x 11 cells: nothing divides them evenly, and seven ranks still fit along an axis.
Settings small(Boundary boundary)
{
  Settings settings;
  settings.nx = 13;
  settings.ny = 11;
  settings.diffusivity = {2e-3, 1e-3, 5e-3};
  settings.boundary = boundary;
  return settings;
}

double height(const Settings& settings)
{
  return settings.length * static_cast<double>(settings.ny) / static_cast<double>(settings.nx);
}

void fill_blobs(Reactor& reactor)
{
  const auto& settings = reactor.settings();
  reactor.fill(inner::make_profile("blobs", 3, settings.length, height(settings)));
}

void step(Reactor& reactor)
{
  const double half = reactor.settings().dt / 2;
  reactor.diffuse(half);
  reactor.react();
  reactor.accept();
  reactor.diffuse(half);
}

// Cells of this rank's block whose values differ, in any bit, from the same cells of the whole
// grid.
std::size_t differing(const Reactor& part, const Reactor& whole)
{
  const auto& block = part.block();
  std::size_t count = 0;
  for (std::size_t iy = 0; iy < block.count[0]; ++iy) {
    const auto row = block.count[1] * inner::species;
    const auto there =
        ((block.offset[0] + iy) * block.global[1] + block.offset[1]) * inner::species;
    const auto mine = part.state().subspan(iy * row, row);
    const auto theirs = whole.state().subspan(there, row);
    count += std::equal(mine.begin(), mine.end(), theirs.begin()) ? 0U : 1U;
  }
  return count;
}

// Largest error of a diffusing cosine on n x n cells, over all ranks.
double cosine_error(std::size_t n, Boundary boundary)
{
  Settings settings;
  settings.nx = n;
  settings.ny = n;
  settings.length = 2.0;
  settings.diffusivity = {0.1, 0.1, 0.1};
  settings.boundary = boundary;
  Reactor reactor{MPI_COMM_WORLD, settings};
  const double wave = (boundary == Boundary::periodic ? 2 : 1) * std::numbers::pi / settings.length;
  const double time = 0.5;
  const auto mode = [&](double amplitude) {
    return [=](double x, double y) -> std::array<double, 3> {
      const double value = amplitude * std::cos(wave * x) * std::cos(wave * y);
      return {1 + value, value, 2 - value};
    };
  };
  reactor.fill(mode(std::exp(-2 * settings.diffusivity[0] * wave * wave * time)));
  const std::vector<double> exact{reactor.state().begin(), reactor.state().end()};
  reactor.fill(mode(1));
  reactor.diffuse(time);
  double error = 0;
  for (std::size_t i = 0; i < exact.size(); ++i) {
    error = std::max(error, std::abs(reactor.state()[i] - exact[i]));
  }
  MPI_Allreduce(MPI_IN_PLACE, &error, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
  return error;
}

}  // namespace

TEST_CASE("Any decomposition gives the same fields, bit for bit")
{
  for (const auto boundary : {Boundary::no_flux, Boundary::periodic}) {
    const auto settings = small(boundary);
    Reactor part{MPI_COMM_WORLD, settings};
    Reactor whole{MPI_COMM_SELF, settings};
    fill_blobs(part);
    fill_blobs(whole);
    CHECK(differing(part, whole) == 0);
    for (int i = 0; i < 5; ++i) {
      step(part);
      step(whole);
    }
    CHECK(differing(part, whole) == 0);
    whole.state()[0] += 1e-15;  // the comparison itself sees the last bit
    const bool corner = part.block().offset[0] == 0 && part.block().offset[1] == 0;
    CHECK(differing(part, whole) == (corner ? 1 : 0));
  }
}

TEST_CASE("The blocks cover the grid once")
{
  Reactor reactor{MPI_COMM_WORLD, small(Boundary::no_flux)};
  const auto& block = reactor.block();
  std::vector<int> covered(block.global[0] * block.global[1], 0);
  for (std::size_t iy = 0; iy < block.count[0]; ++iy) {
    for (std::size_t ix = 0; ix < block.count[1]; ++ix) {
      covered[(block.offset[0] + iy) * block.global[1] + block.offset[1] + ix] += 1;
    }
  }
  MPI_Allreduce(MPI_IN_PLACE, covered.data(), static_cast<int>(covered.size()), MPI_INT, MPI_SUM,
                MPI_COMM_WORLD);
  CHECK(std::all_of(covered.begin(), covered.end(), [](int times) { return times == 1; }));
  CHECK(reactor.cells() == block.count[0] * block.count[1]);
  CHECK(reactor.state().size() == reactor.cells() * inner::species);
}

TEST_CASE("Mass is conserved to round-off")
{
  for (const auto boundary : {Boundary::no_flux, Boundary::periodic}) {
    auto settings = small(boundary);
    settings.diffusivity = {5e-3, 1e-3, 2e-3};
    Reactor reactor{MPI_COMM_WORLD, settings};
    fill_blobs(reactor);
    const double before = reactor.mass();
    for (int i = 0; i < 10; ++i) {
      step(reactor);
    }
    CHECK(std::abs(reactor.mass() / before - 1) < 10 * std::numeric_limits<double>::epsilon());
  }
}

TEST_CASE("Without gradients every cell is Robertson's problem")
{
  Reactor reactor{MPI_COMM_WORLD, small(Boundary::no_flux)};
  reactor.fill(inner::make_profile("homogeneous", 0, 1, 1));
  step(reactor);
  std::array<double, 3> alone{1, 0, 0};
  inner::Robertson{}.advance(alone, alone, reactor.settings().dt);
  for (std::size_t i = 0; i < reactor.state().size(); ++i) {
    REQUIRE(reactor.state()[i] == alone[i % inner::species]);
  }
}

TEST_CASE("A cosine diffuses with second order")
{
  for (const auto boundary : {Boundary::no_flux, Boundary::periodic}) {
    const double coarse = cosine_error(16, boundary);
    const double fine = cosine_error(32, boundary);
    const double order = std::log2(coarse / fine);
    CAPTURE(coarse);
    CAPTURE(fine);
    CHECK(order > 1.9);
    CHECK(order < 2.1);
  }
}

TEST_CASE("One cell reacts alone, and is accepted with the others")
{
  Reactor reactor{MPI_COMM_WORLD, small(Boundary::no_flux)};
  fill_blobs(reactor);
  const std::vector<double> before{reactor.state().begin(), reactor.state().end()};
  reactor.react();
  const std::vector<double> all{reactor.advanced().begin(), reactor.advanced().end()};
  CHECK(std::equal(before.begin(), before.end(), reactor.state().begin()));
  reactor.advanced()[0] = -1;
  reactor.react(0);
  CHECK(std::equal(all.begin(), all.end(), reactor.advanced().begin()));
  reactor.accept();
  CHECK(std::equal(all.begin(), all.end(), reactor.state().begin()));
}

TEST_CASE("What makes no sense is refused on all ranks")
{
  auto settings = small(Boundary::no_flux);
  settings.dt = 0;
  CHECK_THROWS_AS((Reactor{MPI_COMM_WORLD, settings}), std::invalid_argument);
  settings = small(Boundary::no_flux);
  settings.diffusivity[1] = -1;
  CHECK_THROWS_AS((Reactor{MPI_COMM_WORLD, settings}), std::invalid_argument);
  settings = small(Boundary::no_flux);
  settings.nx = 0;
  CHECK_THROWS_AS((Reactor{MPI_COMM_WORLD, settings}), std::invalid_argument);
  if (ranks() > 1) {
    settings.nx = 1;
    settings.ny = 1;
    CHECK_THROWS_AS((Reactor{MPI_COMM_WORLD, settings}), std::invalid_argument);
  }
  CHECK_THROWS_AS(inner::make_profile("blops", 1, 1, 1), std::invalid_argument);
}

TEST_CASE("Blobs follow their seed")
{
  const auto one = inner::make_profile("blobs", 1, 1, 1);
  const auto same = inner::make_profile("blobs", 1, 1, 1);
  const auto other = inner::make_profile("blobs", 2, 1, 1);
  CHECK(one(0.3, 0.6) == same(0.3, 0.6));
  CHECK(one(0.3, 0.6) != other(0.3, 0.6));
  const auto [y1, y2, y3] = one(0.3, 0.6);
  CHECK(y1 >= 0.4);
  CHECK(y1 <= 1.0);
  CHECK(y2 == 0.0);
  CHECK(y3 >= 0.0);
  CHECK(y3 <= 0.6);
}
