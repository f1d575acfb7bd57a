// Learning from a finished run's file before, or without, anything is observed.
#include "support/run_file.hpp"

#include <cardan/archive.hpp>
#include <cardan/cardan.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

namespace {

double truth(double a, double b)
{
  return std::sin(3 * a) + b * b;
}

/// Collective: `count` samples of the function in [-1, 1]^2.
void write_samples(const std::string& path, std::int64_t count)
{
  cardan::Archive archive{MPI_COMM_WORLD, path, cardan::Archive::Mode::create};
  std::mt19937 random{5};
  std::uniform_real_distribution<double> unit{-1, 1};
  std::vector<double> x;
  std::vector<double> y;
  for (std::int64_t i = 0; i < count; ++i) {
    x.insert(x.end(), {unit(random), unit(random)});
    y.push_back(truth(x[x.size() - 2], x.back()));
  }
  // All of it from the first rank.
  const bool mine = test::rank_in(MPI_COMM_WORLD) == 0;
  const auto write = [&](const char* name, const std::vector<double>& values, std::int64_t width) {
    const cardan::Extents global{count, width};
    const cardan::Extents part{mine ? count : 0, width};
    const cardan::Box box{global, {mine ? 0 : count, 0}, part};
    archive.write(name, cardan::Field{values.data(), part}.in(box));
  };
  write("samples/x", x, 2);
  write("samples/y", y, 1);
  archive.close();
}

std::string run_file(int ml, const std::string& model, const std::string& file)
{
  return "[run]\nquiet = true\ndeadline = \"30 s\"\n[ranks]\nml = { count = " + std::to_string(ml) +
         " }\n[surrogate.a]\ninputs = [\"x\"]\noutputs = [\"y\"]\nlate = \"wait\"\nmodel = { " +
         model + " }\ntrust = { gate = \"none\" }\n[training.a]\noffline = { file = \"" + file +
         "\", group = \"samples\" }\npublish = { samples = 10 }\nwarmup = 100\n";
}

/// The largest error of the answers, once there is a model; nothing is ever observed.
double worst(cardan::Session& session)
{
  auto surrogate = session.surrogate("a");
  std::vector<double> x;
  for (int i = 0; i < 10; ++i) x.insert(x.end(), {-0.9 + 0.2 * i, 0.8 - 0.17 * i});
  std::vector<double> y(10);
  const double begin = MPI_Wtime();
  double error = 1e9;
  for ([[maybe_unused]] const auto step : session.steps(1000000)) {
    const bool answered = static_cast<bool>(
        surrogate.predict({{"x", cardan::Field{x, {10, 2}}}}, {{"y", cardan::Field{y, {10, 1}}}}));
    if (answered) {
      error = 0;
      for (std::size_t s = 0; s < y.size(); ++s)
        error = std::max(error, std::abs(y[s] - truth(x[2 * s], x[2 * s + 1])));
    }
    int done = error < 0.2 || MPI_Wtime() - begin > 60;
    MPI_Allreduce(MPI_IN_PLACE, &done, 1, MPI_INT, MPI_MIN, session.comm());
    if (done != 0) break;
  }
  return error;
}

}  // namespace

TEST_CASE("a model is learned from a file alone, by networks and by baselines")
{
  const int ranks = test::size_of(MPI_COMM_WORLD);
  const std::string path = "offline_test_" + std::to_string(ranks) + ".h5";
  write_samples(path, 2000);
  for (const std::string model :
       {"kind = \"mlp\", hidden = [16, 16], members = 2", "kind = \"knn\", neighbours = 4"}) {
    for (const int ml : {1, 2}) {
      if (ml >= ranks) continue;
      const test::RunFile file{MPI_COMM_WORLD, "offline", run_file(ml, model, path)};
      cardan::Session session{MPI_COMM_WORLD, file.name()};
      if (session.serves())
        CHECK(session.serve() == 0);
      else
        CHECK(worst(session) < 0.2);
    }
  }
  MPI_Barrier(MPI_COMM_WORLD);
  if (test::rank_in(MPI_COMM_WORLD) == 0) std::remove(path.c_str());
}

TEST_CASE("a file that is missing is one error on all ranks")
{
  if (test::size_of(MPI_COMM_WORLD) < 2) return;
  const test::RunFile file{MPI_COMM_WORLD, "nofile",
                           run_file(1, "kind = \"mlp\", hidden = [8]", "no_such_file.h5")};
  std::string message;
  try {
    cardan::Session session{MPI_COMM_WORLD, file.name()};
    if (session.serves())
      session.serve();
    else
      worst(session);
  } catch (const cardan::Error& error) {
    message = error.what();
  }
  CHECK(message.find("no_such_file.h5") != std::string::npos);
}
