// A surrogate learns a known function while the simulation runs: simulation ranks ask and teach, ML
// ranks train and answer, and whatever is not trusted is left to the solver.
#include "support/run_file.hpp"

#include <cardan/cardan.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <fstream>
#include <random>
#include <string>
#include <vector>

namespace {

std::string run_file(int ml, const std::string& transport, const std::string& more = "")
{
  return "[run]\nquiet = true\ndeadline = \"30 s\"\n[ranks]\nml = { count = " + std::to_string(ml) +
         " }\n[transport]\nkind = \"" + transport + "\"\n" +
         R"([surrogate.square]
inputs = ["x"]
outputs = ["y"]
model = { kind = "mlp", hidden = [16, 16], members = 3 }
trust = { gate = "ensemble", tolerance = 0.05 }
late = "wait"
)" + more +
         R"([training.square]
batch = 64
warmup = 64
passes = 400
optimizer = { kind = "adam", rate = 1e-2, average = 0.9 }
publish = { every = 20 }
)";
}

double truth(double a, double b)
{
  return std::sin(3 * a) + b * b;
}

struct Outcome {
  std::int64_t solved = 0;
  /// Trusted samples, and those of them whose error is more than five times the tolerance.
  std::int64_t trusted = 0;
  std::int64_t far_off = 0;
  std::int64_t version = 0;
  cardan::Counters counters;
};

/// Steps of up to 40 random samples in [-1, 1]^2 a rank, until every rank has used 500 answers of
/// the model (or, without ML ranks, for 100 steps); the solver does what is not trusted, and
/// teaches.
Outcome simulate(cardan::Session& session)
{
  Outcome outcome;
  int rank = 0;
  MPI_Comm_rank(session.comm(), &rank);
  std::mt19937 random(static_cast<unsigned>(rank) + 1);
  std::uniform_real_distribution<double> inside{-1, 1};
  auto surrogate = session.surrogate("square");
  const std::int64_t most = 40;
  const double begin = MPI_Wtime();
  const auto enough = [&](std::int64_t step) {
    const int mine = session.ml_ranks() == 0 ? step >= 100 : outcome.trusted >= 500;
    int all = 0;
    MPI_Allreduce(&mine, &all, 1, MPI_INT, MPI_MIN, session.comm());
    return all != 0;
  };
  for (const auto step : session.steps(1000000)) {
    if (step % 10 == 0 && enough(step)) break;
    REQUIRE(MPI_Wtime() - begin < 60);
    // The first call fixes the capacity; later ones may ask for less.
    const std::int64_t count = step == 0 ? most : most - step % 7;
    std::vector<double> x(static_cast<std::size_t>(count * 2));
    std::vector<float> y(static_cast<std::size_t>(count), -99);
    for (auto& value : x) value = inside(random);
    const cardan::Field xs{std::span(x), {count, 2}};
    const cardan::Field ys{std::span(y), {count, 1}};
    const auto answer = surrogate.predict({{"x", xs}}, {{"y", ys}});
    const std::vector<std::int64_t> untrusted(answer.untrusted().begin(), answer.untrusted().end());
    CHECK(answer.stamp().version >= outcome.version);
    outcome.version = answer.stamp().version;
    std::vector<bool> solve(static_cast<std::size_t>(count), false);
    for (const auto i : untrusted) {
      const auto s = static_cast<std::size_t>(i);
      CHECK(y[s] == -99);
      solve[s] = true;
      y[s] = static_cast<float>(truth(x[2 * s], x[2 * s + 1]));
      ++outcome.solved;
    }
    for (std::size_t s = 0; s < solve.size(); ++s) {
      if (solve[s]) continue;
      CHECK(y[s] != -99);
      ++outcome.trusted;
      if (std::abs(static_cast<double>(y[s]) - truth(x[2 * s], x[2 * s + 1])) > 0.25)
        ++outcome.far_off;
    }
    surrogate.observe({{"x", xs}}, {{"y", ys}}, untrusted);
    outcome.counters = surrogate.counters();
  }
  return outcome;
}

void couple(int ml, const std::string& transport)
{
  const test::RunFile file{MPI_COMM_WORLD, "closure", run_file(ml, transport)};
  cardan::Session session{MPI_COMM_WORLD, file.name()};
  REQUIRE(session.ml_ranks() == ml);
  if (session.serves()) {
    CHECK(session.serve() == 0);
    return;
  }
  const Outcome outcome = simulate(session);
  const auto& c = outcome.counters;
  CHECK(c.asked == c.trusted + outcome.solved);
  CHECK(c.asked ==
        c.trusted + c.not_ready + c.late + c.unsure + c.outside + c.not_a_number + c.out_of_range);
  CHECK(c.observed == outcome.solved);
  CHECK(c.late == 0);
  CHECK(c.not_a_number == 0);
  if (ml == 0) {
    CHECK(c.not_ready == c.asked);
    return;
  }
  CHECK(outcome.version > 0);
  CHECK(outcome.trusted >= 500);
  CHECK(outcome.far_off <= outcome.trusted / 20);
  CHECK(session.ml_library().find("LibTorch") == 0);
}

}  // namespace

TEST_CASE("a surrogate learns while it is asked, over every transport and split")
{
  const int ranks = test::size_of(MPI_COMM_WORLD);
  couple(0, "auto");
  for (const int ml : {1, 2, 3}) {
    if (ml >= ranks) continue;
    couple(ml, "shared");
    couple(ml, "rma");
  }
}

TEST_CASE("simulation ranks do not load Torch")
{
  if (test::size_of(MPI_COMM_WORLD) < 2) return;
  // Last ranks serve in this test: the first has only simulated so far.
  if (test::rank_in(MPI_COMM_WORLD) != 0) return;
  std::ifstream maps{"/proc/self/maps"};
  const std::string all{std::istreambuf_iterator<char>(maps), {}};
  CHECK(all.find("libcardan") != std::string::npos);
  CHECK(all.find("torch") == std::string::npos);
}

TEST_CASE("fields that differ are refused on all ranks, without ML ranks too")
{
  const int ranks = test::size_of(MPI_COMM_WORLD);
  if (ranks < 2) return;
  const test::RunFile file{MPI_COMM_WORLD, "alike", run_file(0, "auto")};
  cardan::Session session{MPI_COMM_WORLD, file.name()};
  auto surrogate = session.surrogate("square");
  const std::vector<double> x(8);
  std::vector<double> y(4);
  std::vector<float> narrow(4);
  const bool last = test::rank_in(MPI_COMM_WORLD) == ranks - 1;
  const cardan::Field ys =
      last ? cardan::Field{std::span(narrow), {4, 1}} : cardan::Field{std::span(y), {4, 1}};
  std::string message;
  try {
    surrogate.predict({{"x", cardan::Field{std::span(x), {4, 2}}}}, {{"y", ys}});
  } catch (const cardan::Error& error) {
    CHECK(error.reach() == cardan::Reach::everywhere);
    message = error.what();
  }
  CHECK(message.find("field 'y': rank 0 has dtype float64, rank " + std::to_string(ranks - 1) +
                     " has float32") != std::string::npos);
}

TEST_CASE("an ensemble's gate with a single network is refused on all ranks")
{
  if (test::size_of(MPI_COMM_WORLD) < 2) return;
  std::string text = run_file(1, "auto");
  text.replace(text.find("members = 3"), 11, "members = 1");
  const test::RunFile file{MPI_COMM_WORLD, "single", text};
  std::string message;
  try {
    cardan::Session session{MPI_COMM_WORLD, file.name()};
    if (session.serves()) {
      session.serve();
    } else {
      const std::vector<double> x(8);
      std::vector<double> y(4);
      auto surrogate = session.surrogate("square");
      surrogate.predict({{"x", cardan::Field{std::span(x), {4, 2}}}},
                        {{"y", cardan::Field{std::span(y), {4, 1}}}});
    }
  } catch (const cardan::Error& error) {
    CHECK(error.reach() == cardan::Reach::everywhere);
    message = error.what();
  }
  CHECK(message.find("surrogate 'square' would never be trusted") != std::string::npos);
}
