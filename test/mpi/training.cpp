// What can go wrong with training, and does not go wrong with the simulation.
#include "support/run_file.hpp"

#include <cardan/cardan.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace {

std::string run_file(const std::string& model, const std::string& surrogate,
                     const std::string& training)
{
  return "[run]\nquiet = true\ndeadline = \"30 s\"\n[ranks]\nml = { count = " +
         std::to_string(test::size_of(MPI_COMM_WORLD) > 3 ? 2 : 1) +
         " }\n[surrogate.a]\ninputs = [\"x\"]\noutputs = [\"y\"]\nlate = \"wait\"\nmodel = { " +
         model + " }\n" + surrogate + "\n[training.a]\nbatch = 32\nwarmup = 64\n" + training;
}

struct Outcome {
  cardan::Counters counters;
  cardan::Stamp stamp;
  bool always_finite = true;
};

using Truth = std::function<double(double, double)>;

/// Asks and teaches all samples until `done`, the same on all simulation ranks, or 60 seconds.
Outcome simulate(cardan::Session& session, const Truth& truth,
                 const std::function<void(std::int64_t, std::vector<double>&)>& spoil,
                 const std::function<bool(const Outcome&, std::int64_t)>& done)
{
  Outcome outcome;
  auto surrogate = session.surrogate("a");
  std::mt19937 random(static_cast<unsigned>(test::rank_in(session.comm())) + 1);
  std::uniform_real_distribution<double> unit{-1, 1};
  std::vector<double> x(32);
  std::vector<double> y(16);
  const double begin = MPI_Wtime();
  for (const auto step : session.steps(1000000)) {
    int enough = done(outcome, step) || MPI_Wtime() - begin > 60;
    MPI_Allreduce(MPI_IN_PLACE, &enough, 1, MPI_INT, MPI_MIN, session.comm());
    if (enough != 0) break;
    for (auto& value : x) value = unit(random);
    spoil(step, x);
    const cardan::Field xs{x, {16, 2}};
    const cardan::Field ys{y, {16, 1}};
    const auto answer = surrogate.predict({{"x", xs}}, {{"y", ys}});
    outcome.stamp = answer.stamp();
    for (const double value : y)
      outcome.always_finite = outcome.always_finite && std::isfinite(value);
    for (std::size_t s = 0; s < y.size(); ++s) y[s] = truth(x[2 * s], x[2 * s + 1]);
    surrogate.observe({{"x", xs}}, {{"y", ys}});
    // What is asked next is not what was taught.
    std::fill(y.begin(), y.end(), 0.0);
    outcome.counters = surrogate.counters();
  }
  return outcome;
}

void nothing(std::int64_t, std::vector<double>&) {}

double smooth(double a, double b)
{
  return std::sin(3 * a) + b;
}

constexpr const char* mlp = R"(kind = "mlp", hidden = [16], members = 2)";
constexpr const char* open_gate = "trust = { gate = \"none\" }";

}  // namespace

TEST_CASE("training that diverges goes back to good weights, and on at a lower rate")
{
  if (test::size_of(MPI_COMM_WORLD) < 2) return;
  const test::RunFile file{MPI_COMM_WORLD, "diverge",
                           run_file(mlp, open_gate,
                                    "last_layer = \"gradient\"\npasses = 10000\n"
                                    "optimizer = { kind = \"sgd\", rate = 6, average = 0 }\n"
                                    "publish = { every = 200 }\n")};
  cardan::Session session{MPI_COMM_WORLD, file.name()};
  if (session.serves()) {
    CHECK(session.serve() == 0);
    return;
  }
  const Outcome outcome = simulate(session, smooth, nothing, [](const Outcome& o, std::int64_t) {
    return o.stamp.version > 2 && o.stamp.validation_loss < 0.5;
  });
  CHECK(outcome.always_finite);
  CHECK(outcome.stamp.version > 2);
  CHECK(outcome.stamp.validation_loss < 0.5);
}

TEST_CASE("training that cannot but diverge stops, and the solver does the work")
{
  if (test::size_of(MPI_COMM_WORLD) < 2) return;
  const test::RunFile file{MPI_COMM_WORLD, "hopeless",
                           run_file(mlp, open_gate,
                                    "last_layer = \"gradient\"\n"
                                    "optimizer = { kind = \"sgd\", rate = 1e30, average = 0 }\n")};
  cardan::Session session{MPI_COMM_WORLD, file.name()};
  if (session.serves()) {
    CHECK(session.serve() == 0);
    return;
  }
  const Outcome outcome = simulate(session, smooth, nothing,
                                   [](const Outcome&, std::int64_t step) { return step >= 300; });
  CHECK(outcome.always_finite);
  CHECK(outcome.stamp.version == 0);
  CHECK(outcome.counters.not_ready == outcome.counters.asked);
}

TEST_CASE("not-a-numbers in the stream are kept out of training, and counted")
{
  if (test::size_of(MPI_COMM_WORLD) < 2) return;
  const test::RunFile file{
      MPI_COMM_WORLD, "nan",
      run_file(mlp, std::string(open_gate) + "\nnot_a_number = \"solver\"", "")};
  cardan::Session session{MPI_COMM_WORLD, file.name()};
  if (session.serves()) {
    CHECK(session.serve() == 0);
    return;
  }
  std::int64_t spoiled = 0;
  const Outcome outcome = simulate(
      session, smooth,
      [&](std::int64_t step, std::vector<double>& x) {
        if (step % 3 != 0) return;
        x[6] = std::numeric_limits<double>::quiet_NaN();
        x[21] = std::numeric_limits<double>::infinity();
        spoiled += 2;
      },
      [](const Outcome& o, std::int64_t step) { return step > 50 && o.stamp.version > 3; });
  CHECK(outcome.stamp.version > 3);
  CHECK(std::isfinite(outcome.stamp.validation_loss));
  // Dropped ones are not looked at.
  CHECK(outcome.counters.quarantined <= spoiled);
  CHECK(outcome.counters.quarantined > 0);
  CHECK(outcome.counters.not_a_number > 0);
}

TEST_CASE("constant fields are learned without a not-a-number")
{
  if (test::size_of(MPI_COMM_WORLD) < 2) return;
  const test::RunFile file{MPI_COMM_WORLD, "constant", run_file(mlp, open_gate, "")};
  cardan::Session session{MPI_COMM_WORLD, file.name()};
  if (session.serves()) {
    CHECK(session.serve() == 0);
    return;
  }
  const Outcome outcome = simulate(
      session, [](double, double) { return 4.0; },
      [](std::int64_t, std::vector<double>& x) { std::fill(x.begin(), x.end(), -2.5); },
      [](const Outcome& o, std::int64_t) { return o.stamp.version > 2; });
  CHECK(outcome.always_finite);
  CHECK(outcome.stamp.version > 2);
  CHECK(outcome.counters.not_a_number == 0);
}

TEST_CASE("training stops early where the validation loss does not get better")
{
  if (test::size_of(MPI_COMM_WORLD) < 2) return;
  const test::RunFile file{MPI_COMM_WORLD, "early",
                           run_file(mlp, open_gate,
                                    "passes = 1e6\nstop = { patience = 3, improvement = 0.9 }\n"
                                    "publish = { every = 5 }\n")};
  cardan::Session session{MPI_COMM_WORLD, file.name()};
  if (session.serves()) {
    CHECK(session.serve() == 0);
    return;
  }
  const Outcome outcome = simulate(session, smooth, nothing,
                                   [](const Outcome&, std::int64_t step) { return step >= 2000; });
  CHECK(outcome.stamp.version >= 4);
  CHECK(outcome.stamp.version < 40);
}

TEST_CASE("a batch without samples is answered at once")
{
  if (test::size_of(MPI_COMM_WORLD) < 2) return;
  for (const std::string place : {"ml", "inside"}) {
    const test::RunFile file{
        MPI_COMM_WORLD, "empty",
        run_file(mlp, std::string(open_gate) + "\nplace = \"" + place + "\"", "")};
    cardan::Session session{MPI_COMM_WORLD, file.name()};
    if (session.serves()) {
      CHECK(session.serve() == 0);
      continue;
    }
    auto surrogate = session.surrogate("a");
    // Some ranks have none from the beginning.
    const std::int64_t most = test::rank_in(session.comm()) % 2 == 0 ? 16 : 0;
    std::vector<double> x(static_cast<std::size_t>(2 * most), 0.5);
    std::vector<double> y(static_cast<std::size_t>(most), 0.5);
    for (const auto step : session.steps(20)) {
      const std::int64_t count = step % 2 == 0 ? most : 0;
      const cardan::Field xs{x.data(), {count, 2}};
      const cardan::Field ys{y.data(), {count, 1}};
      const auto answer = surrogate.predict({{"x", xs}}, {{"y", ys}});
      CHECK(static_cast<std::int64_t>(answer.untrusted().size()) <= count);
      if (count == 0) CHECK(static_cast<bool>(answer));
      surrogate.observe({{"x", xs}}, {{"y", ys}});
    }
  }
}
