// Where models are trained and evaluated: on ML ranks of their own, or inside the simulation.
#include "support/run_file.hpp"

#include <cardan/cardan.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

namespace {

std::string head(int ml)
{
  return "[run]\nquiet = true\ndeadline = \"30 s\"\n[ranks]\nml = { count = " + std::to_string(ml) +
         " }\n";
}

std::string surrogate(const std::string& name, const std::string& keys,
                      const std::string& training = "")
{
  return "[surrogate." + name + R"(]
inputs = ["x"]
outputs = ["y"]
model = { kind = "mlp", hidden = [16, 16], members = 3 }
trust = { gate = "ensemble", tolerance = 0.05 }
late = "wait"
)" + keys +
         "\n[training." + name + R"(]
batch = 64
warmup = 64
passes = 400
optimizer = { kind = "adam", rate = 1e-2, average = 0.9 }
publish = { every = 20 }
)" + training;
}

struct Learned {
  std::int64_t trusted = 0;
  std::int64_t far_off = 0;
  cardan::Counters counters;
};

/// Each surrogate learns its own function, sin((3 + i) a) + b^2, until all have answered 300
/// samples of every rank.
std::vector<Learned> simulate(cardan::Session& session, const std::vector<std::string>& names)
{
  std::vector<cardan::Surrogate> surrogates;
  surrogates.reserve(names.size());
  for (const auto& name : names) surrogates.push_back(session.surrogate(name));
  std::vector<Learned> learned(names.size());
  std::mt19937 random(static_cast<unsigned>(test::rank_in(session.comm())) + 1);
  std::uniform_real_distribution<double> unit{-1, 1};
  const double begin = MPI_Wtime();
  std::vector<double> x(40);
  std::vector<double> y(20);
  for (const auto step : session.steps(1000000)) {
    int enough = 1;
    for (const auto& each : learned) enough = enough && each.trusted >= 300;
    if (step % 10 == 0) {
      MPI_Allreduce(MPI_IN_PLACE, &enough, 1, MPI_INT, MPI_MIN, session.comm());
      if (enough != 0) break;
    }
    REQUIRE(MPI_Wtime() - begin < 90);
    for (std::size_t i = 0; i < names.size(); ++i) {
      for (auto& value : x) value = unit(random);
      const auto truth = [&](std::size_t s) {
        return std::sin((3.0 + static_cast<double>(i)) * x[2 * s]) + x[2 * s + 1] * x[2 * s + 1];
      };
      std::fill(y.begin(), y.end(), -99);
      const cardan::Field xs{x, {20, 2}};
      const cardan::Field ys{y, {20, 1}};
      const auto answer = surrogates[i].predict({{"x", xs}}, {{"y", ys}});
      const std::vector<std::int64_t> solve(answer.untrusted().begin(), answer.untrusted().end());
      for (std::size_t s = 0; s < y.size(); ++s) {
        if (y[s] == -99) continue;
        ++learned[i].trusted;
        learned[i].far_off += std::abs(y[s] - truth(s)) > 0.25;
      }
      for (const auto s : solve)
        y[static_cast<std::size_t>(s)] = truth(static_cast<std::size_t>(s));
      surrogates[i].observe({{"x", xs}}, {{"y", ys}}, solve);
      learned[i].counters = surrogates[i].counters();
    }
  }
  return learned;
}

void couple(const std::string& what, const std::string& text, const std::vector<std::string>& names)
{
  const test::RunFile file{MPI_COMM_WORLD, what, text};
  cardan::Session session{MPI_COMM_WORLD, file.name()};
  if (session.serves()) {
    CHECK(session.serve() == 0);
    return;
  }
  for (const auto& each : simulate(session, names)) {
    CHECK(each.trusted >= 300);
    CHECK(each.far_off <= each.trusted / 20);
    CHECK(each.counters.late == 0);
  }
}

}  // namespace

TEST_CASE("a model is evaluated inside the simulation, with weights from the training ranks")
{
  const int ranks = test::size_of(MPI_COMM_WORLD);
  for (const int ml : {1, 2})
    if (ml < ranks) couple("inside", head(ml) + surrogate("a", "place = \"inside\""), {"a"});
}

TEST_CASE("two models share their ML ranks, or have ranks of their own")
{
  const int ranks = test::size_of(MPI_COMM_WORLD);
  if (ranks < 3) return;
  couple("shared", head(2) + surrogate("a", "") + surrogate("b", ""), {"a", "b"});
  couple("own", head(2) + surrogate("a", "ranks = [0]") + surrogate("b", "ranks = [1]"),
         {"a", "b"});
  // One rank in both teams, so that opening the second has to wait for the first's rounds.
  if (ranks > 4)
    couple("overlap",
           head(3) + surrogate("a", "ranks = [0, 1]", "ranks = 2\n") +
               surrogate("b", "ranks = [1, 2]\nplace = \"inside\""),
           {"a", "b"});
}

TEST_CASE("ranks that there are not are refused, with the line")
{
  if (test::size_of(MPI_COMM_WORLD) < 2) return;
  const test::RunFile file{MPI_COMM_WORLD, "norank", head(1) + surrogate("a", "ranks = [1]")};
  std::string message;
  try {
    const cardan::Session session{MPI_COMM_WORLD, file.name()};
  } catch (const cardan::Error& error) {
    message = error.what();
  }
  CHECK(message.find("ranks = [ 1 ] (there are 1 ML ranks, counted from 0)") != std::string::npos);
}
