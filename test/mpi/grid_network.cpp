// Image networks on a grid: tiles with halo, learned and answered while the simulation runs.
#include "support/run_file.hpp"

#include <cardan/cardan.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

namespace {

using cardan::Box;
using cardan::Field;

constexpr std::int64_t size = 16;

std::string run_file(int ml, const std::string& model, const std::string& grid)
{
  return "[run]\nquiet = true\ndeadline = \"30 s\"\n[ranks]\nml = { count = " + std::to_string(ml) +
         " }\n[surrogate.heat]\ninputs = [\"u\"]\noutputs = [\"v\"]\nlate = \"wait\"\nmodel = { " +
         model + " }\ntrust = { gate = \"none\" }\ngrid = { " + grid +
         ", periodic = true }\n[training.heat]\nbatch = 8\nwarmup = 16\npasses = 1000\n"
         "optimizer = { rate = 5e-3, average = 0.9 }\nbuffer = { capacity = 500 }\n"
         "publish = { every = 20 }\n";
}

/// A periodic field of a few waves, the same on all ranks.
class World {
 public:
  explicit World(std::int64_t step)
  {
    std::mt19937 random(static_cast<unsigned>(step) + 1);
    std::uniform_real_distribution<double> unit{-1, 1};
    for (auto& number : amplitudes_) number = unit(random);
  }
  [[nodiscard]] double u(std::int64_t y, std::int64_t x) const
  {
    const double k = 2 * std::acos(-1.0) / static_cast<double>(size);
    const auto wave = [&](double a, double b) {
      return a * static_cast<double>(y) * k + b * static_cast<double>(x) * k;
    };
    return amplitudes_[0] * std::sin(wave(1, 2)) + amplitudes_[1] * std::cos(wave(3, -1)) +
           amplitudes_[2] * std::sin(wave(-2, 1)) + amplitudes_[3];
  }
  /// A diffusion step.
  [[nodiscard]] double v(std::int64_t y, std::int64_t x) const
  {
    return u(y, x) + 0.2 * (u(y + 1, x) + u(y - 1, x) + u(y, x + 1) + u(y, x - 1) - 4 * u(y, x));
  }

 private:
  double amplitudes_[4] = {};
};

/// Root mean square error of the answers, once they are good; each rank has some rows.
double error_of(cardan::Session& session)
{
  const int ranks = test::size_of(session.comm());
  const int rank = test::rank_in(session.comm());
  const std::int64_t first = size * rank / ranks;
  const std::int64_t rows = size * (rank + 1) / ranks - first;
  const Box box{{size, size}, {first, 0}, {rows, size}};
  std::vector<double> u(static_cast<std::size_t>(rows * size));
  std::vector<double> v(u.size());
  auto surrogate = session.surrogate("heat");
  const double begin = MPI_Wtime();
  double error = 1e9;
  for (const auto step : session.steps(1000000)) {
    const World world{step};
    const auto each = [&](auto&& work) {
      for (std::int64_t y = 0; y < rows; ++y)
        for (std::int64_t x = 0; x < size; ++x)
          work(static_cast<std::size_t>(y * size + x), first + y, x);
    };
    each([&](std::size_t n, std::int64_t y, std::int64_t x) { u[n] = world.u(y, x); });
    const Field in = Field{u, box.count}.in(box);
    const Field out = Field{v, box.count}.in(box);
    int answered = static_cast<bool>(surrogate.predict({{"u", in}}, {{"v", out}})) ? 1 : 0;
    double square = 0;
    each([&](std::size_t n, std::int64_t y, std::int64_t x) {
      square += (v[n] - world.v(y, x)) * (v[n] - world.v(y, x));
    });
    MPI_Allreduce(MPI_IN_PLACE, &square, 1, MPI_DOUBLE, MPI_SUM, session.comm());
    MPI_Allreduce(MPI_IN_PLACE, &answered, 1, MPI_INT, MPI_MIN, session.comm());
    if (answered != 0) error = std::sqrt(square / (size * size));
    int done = error < 0.05 || MPI_Wtime() - begin > 100;
    MPI_Allreduce(MPI_IN_PLACE, &done, 1, MPI_INT, MPI_MIN, session.comm());
    if (done != 0) break;
    each([&](std::size_t n, std::int64_t y, std::int64_t x) { v[n] = world.v(y, x); });
    surrogate.observe({{"u", in}}, {{"v", out}});
  }
  return error;
}

void learn(int ml, const std::string& model, const std::string& grid)
{
  const test::RunFile file{MPI_COMM_WORLD, "network", run_file(ml, model, grid)};
  cardan::Session session{MPI_COMM_WORLD, file.name()};
  if (session.serves())
    CHECK(session.serve() == 0);
  else
    CHECK(error_of(session) < 0.05);
}

}  // namespace

// Without a halo, or with a wrong one, cells at the tiles' edges stay wrong: 0.05 is out of reach.
TEST_CASE("a convolutional network learns a diffusion step from tiles with halo")
{
  const int ranks = test::size_of(MPI_COMM_WORLD);
  for (const int ml : {1, 2})
    if (ml < ranks) learn(ml, "kind = \"cnn\", channels = [8]", "tile = [8, 8], halo = 2");
}

TEST_CASE("a Fourier neural operator learns it from the whole grid")
{
  if (test::size_of(MPI_COMM_WORLD) < 2) return;
  learn(1, "kind = \"fno\", width = 6, depth = 2, modes = 4, coordinates = false", "halo = 0");
}
