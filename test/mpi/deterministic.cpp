// [run] deterministic: a run is repeated with all ranks held up at random, and everything that the
// simulation sees is the same to the last bit.
#include "support/jitter.hpp"
#include "support/run_file.hpp"
#include "support/trace.hpp"

#include <cardan/cardan.hpp>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <unistd.h>
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace {

struct Case {
  int ml = 1;
  int training = 1;
  std::string transport = "auto";
  std::vector<std::string> names{"a"};
  /// Of each surrogate, and of one by one.
  std::string keys;
  std::vector<std::string> own{};
  std::string model = R"(kind = "mlp", hidden = [16], members = 2)";
  std::string trust = R"(gate = "ensemble", tolerance = 0.2, coverage = 0.9)";
  int seed = 1;
  int passes = 20;
  /// Calls of `observe` in a step.
  int pieces = 1;
};

std::string run_file(const Case& drawn)
{
  std::string text = "[run]\nquiet = true\ndeterministic = true\ndeadline = \"60 s\"\nseed = " +
                     std::to_string(drawn.seed) +
                     "\n[ranks]\nml = { count = " + std::to_string(drawn.ml) +
                     " }\ntraining = " + std::to_string(drawn.training) +
                     "\n[transport]\nkind = \"" + drawn.transport + "\"\n";
  for (std::size_t i = 0; i < drawn.names.size(); ++i) {
    text += fmt::format(
                "[surrogate.{0}]\ninputs = [\"x\"]\noutputs = [\"y\"]\nmodel = {{ {1} }}\n"
                "trust = {{ {2} }}\n{3}{4}[training.{0}]\npasses = {5}",
                drawn.names[i], drawn.model, drawn.trust, drawn.keys,
                drawn.own.empty() ? "" : drawn.own[i], drawn.passes) +
            R"(
batch = 32
warmup = 60
validation = 0.5
buffer = { kind = "reservoir", capacity = 400 }
optimizer = { kind = "adam", rate = 1e-2, average = 0.9 }
publish = { every = 7 }
)";
  }
  return text;
}

double truth(double a, double b)
{
  return std::sin(2 * a) + 0.5 * b;
}

constexpr std::int64_t steps = 40;
constexpr std::size_t most = 48;

/// The samples of a step depend on the answers of the one before, so that a difference is there for
/// good; how many they are differs from rank to rank, and is none at times.
test::Trace simulate(cardan::Session& session, const Case& drawn)
{
  const int rank = test::rank_in(session.comm());
  test::Trace trace;
  std::vector<cardan::Surrogate> surrogates;
  for (const auto& name : drawn.names) surrogates.push_back(session.surrogate(name));
  std::mt19937 random(static_cast<unsigned>(rank) + 1);
  std::mt19937 pauses(std::random_device{}());
  std::uniform_real_distribution<double> unit{-1, 1};
  std::vector<double> carried(2 * most, 0);
  for (const auto step : session.steps(steps)) {
    for (auto& surrogate : surrogates) {
      usleep(static_cast<useconds_t>(pauses() % 1000));
      const std::size_t count =
          step == 0 ? most : most - 6 * ((static_cast<std::size_t>(step + rank)) % 9);
      std::vector<double> x(2 * count);
      std::vector<double> y(2 * count, -99);
      for (std::size_t s = 0; s < count; ++s) {
        x[2 * s] = 0.5 * unit(random) + 0.5 * std::clamp(carried[2 * s], -1.0, 1.0);
        x[2 * s + 1] = unit(random);
      }
      const auto samples = static_cast<std::int64_t>(count);
      const cardan::Field xs{std::span(x), {samples, 2}};
      const cardan::Field ys{std::span(y), {samples, 2}};
      const auto answer = surrogate.predict({{"x", xs}}, {{"y", ys}});
      trace.add(answer);
      trace.add(y.data(), y.size());
      std::vector<std::int64_t> solve(answer.untrusted().begin(), answer.untrusted().end());
      // Now and then everything is taught.
      if (step % 5 == 0) {
        solve.resize(count);
        std::iota(solve.begin(), solve.end(), 0);
      }
      for (const auto i : solve) {
        const auto s = static_cast<std::size_t>(i);
        y[2 * s] = truth(x[2 * s], x[2 * s + 1]);
        y[2 * s + 1] = x[2 * s];
      }
      for (int piece = 0; piece < drawn.pieces; ++piece) {
        usleep(static_cast<useconds_t>(pauses() % 1000));
        if (!solve.empty()) surrogate.observe({{"x", xs}}, {{"y", ys}}, solve);
        // Ranks wait for each other as solvers do.
        if (drawn.pieces > 1) MPI_Barrier(session.comm());
      }
      std::copy(y.begin(), y.end(), carried.begin());
      const auto& c = surrogate.counters();
      trace.counters = c;
      trace.add(&c, 1);
    }
    trace.close();
  }
  return trace;
}

/// On ML ranks nothing.
std::optional<test::Trace> run(const Case& drawn)
{
  const test::RunFile file{MPI_COMM_WORLD, "deterministic", run_file(drawn)};
  const test::Jitter jitter{test::rank_in(MPI_COMM_WORLD)};
  cardan::Session session{MPI_COMM_WORLD, file.name()};
  if (session.serves()) {
    CHECK(session.serve() == 0);
    return {};
  }
  return simulate(session, drawn);
}

std::int64_t all(std::int64_t mine, MPI_Op operation = MPI_SUM)
{
  MPI_Allreduce(MPI_IN_PLACE, &mine, 1, MPI_INT64_T, operation, MPI_COMM_WORLD);
  return mine;
}

/// Twice the same; the simulation has used the model, and the solver.
void repeats(const Case& drawn)
{
  INFO("ml ", drawn.ml, ", training ", drawn.training, ", ", drawn.transport, ", ", drawn.keys,
       drawn.model, ", surrogates ", drawn.names.size(), ", pieces ", drawn.pieces);
  const auto first = run(drawn);
  const auto second = run(drawn);
  if (first) {
    const auto& c = first->counters;
    INFO("asked ", c.asked, ", trusted ", c.trusted, ", not ready ", c.not_ready, ", unsure ",
         c.unsure, ", outside ", c.outside, ", version ", first->version);
    CHECK(first->differs(*second) == -1);
    CHECK(first->counters.late == 0);
    CHECK(first->counters.dropped == 0);
    CHECK(first->counters.not_ready > 0);
    CHECK(first->version > 2);
  }
  CHECK(all(first ? first->counters.trusted : 0) > 20);
  if (drawn.trust.find("none") == std::string::npos)
    CHECK(all(first ? first->counters.unsure + first->counters.outside : 0) > 20);
}

/// ML ranks and how many of them train.
std::vector<std::array<int, 2>> splits()
{
  switch (test::size_of(MPI_COMM_WORLD)) {
    case 1: return {};
    case 2: return {{1, 1}};
    case 3: return {{1, 1}, {2, 1}, {2, 2}};
    case 4: return {{2, 1}, {2, 2}};
    case 5: return {{2, 1}, {2, 2}, {3, 2}};
    default: return {{3, 2}, {4, 3}};
  }
}

}  // namespace

TEST_CASE("two runs are the same to the last bit, over every transport and split")
{
  const std::array<std::string, 3> ways{"shared", "rma", "two_sided"};
  for (const auto& [ml, training] : splits())
    for (const std::string& transport : ways) {
      // The splits take turns with them where there are several.
      if (splits().size() > 1 && transport != ways[static_cast<std::size_t>(ml + training) % 3])
        continue;
      Case drawn;
      drawn.ml = ml;
      drawn.training = training;
      drawn.transport = transport;
      // Neither is looked at: answers are waited for.
      drawn.keys = "late = \"solver\"\ndeadline = \"1 ms\"\n";
      repeats(drawn);
    }
}

TEST_CASE("the model is evaluated inside the simulation")
{
  for (const auto& [ml, training] : splits()) {
    Case drawn;
    drawn.ml = ml;
    drawn.training = training;
    drawn.keys = "place = \"inside\"\n";
    repeats(drawn);
  }
}

TEST_CASE("two surrogates share their ranks")
{
  for (const auto& [ml, training] : splits()) {
    Case drawn;
    drawn.ml = ml;
    drawn.training = training;
    drawn.names = {"a", "b"};
    repeats(drawn);
  }
}

TEST_CASE("two surrogates have ranks of their own, and one that is in both teams")
{
  const int ranks = test::size_of(MPI_COMM_WORLD);
  if (ranks < 3) return;
  Case drawn;
  drawn.ml = 2;
  drawn.names = {"a", "b"};
  drawn.own = {"ranks = [0]\n", "ranks = [1]\n"};
  repeats(drawn);
  if (ranks < 5) return;
  drawn.ml = 3;
  drawn.training = 2;
  drawn.own = {"ranks = [0, 1]\n", "ranks = [1, 2]\nplace = \"inside\"\n"};
  repeats(drawn);
}

TEST_CASE("two networks draw from one process's generator")
{
  for (const auto& [ml, training] : splits()) {
    Case drawn;
    drawn.ml = ml;
    drawn.training = training;
    drawn.names = {"a", "b"};
    drawn.model = R"(kind = "vae", hidden = [8])";
    drawn.trust = R"(gate = "none")";
    repeats(drawn);
  }
}

TEST_CASE("a rank that observes more than has room does not hold up the others")
{
  for (const auto& [ml, training] : splits()) {
    Case drawn;
    drawn.ml = ml;
    drawn.training = training;
    drawn.pieces = 40;
    drawn.passes = 2;
    repeats(drawn);
  }
}

TEST_CASE("another seed gives other answers")
{
  for (const auto& [ml, training] : splits()) {
    Case drawn;
    drawn.ml = ml;
    drawn.training = training;
    const auto first = run(drawn);
    drawn.seed = 2;
    const auto second = run(drawn);
    if (first) CHECK(first->differs(*second) >= 0);
  }
}
