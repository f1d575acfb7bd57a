// Training that goes on from a checkpoint: exactly on as many training ranks, with all samples on
// others.
#include "checkpoint/verify.hpp"
#include "support/training_case.hpp"

#include <cardan/cardan.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numeric>
#include <random>
#include <string>
#include <vector>

using cardan::State;
using namespace test;

namespace {

/// A checkpoint now, and again until training rests: what is in the last one then stays.
std::string write_at_rest(cardan::Session& session, const std::string& folder)
{
  std::int64_t steps = -1;
  std::int64_t published = -1;
  for (;;) {
    session.checkpoint();
    REQUIRE(session.finish_checkpoints());
    std::string path = newest(folder);
    const State state = model_in(path);
    const std::int64_t now = state.integer("training/steps");
    const std::int64_t version = state.integer("version");
    if (now == steps && version == published && version > 0) return path;
    steps = now;
    published = version;
  }
}

struct Told {
  std::int64_t version = 0;
  double answer = 0;
};

/// A session of the first ranks: the simulation's one teaches `steps` batches, if any, and asks.
Told run(const Kind& kind, int ml, const std::string& folder, int steps, const std::string& restart)
{
  Told told;
  MPI_Comm comm = MPI_COMM_NULL;
  const bool mine = test::rank_in(MPI_COMM_WORLD) <= ml;
  MPI_Comm_split(MPI_COMM_WORLD, mine ? 0 : MPI_UNDEFINED, 0, &comm);
  if (mine) {
    const test::RunFile file{comm, "training_state", run_file(kind, ml, folder, steps == 0)};
    cardan::SessionOptions options;
    options.restart = restart;
    cardan::Session session{comm, file.name(), options};
    if (session.serves()) {
      CHECK(session.serve() == 0);
    } else {
      auto surrogate = session.surrogate("a");
      std::mt19937 random{static_cast<unsigned>(steps) + 3};
      std::uniform_real_distribution<double> unit{-1, 1};
      std::vector<double> x(32);
      std::vector<double> y(16);
      const cardan::Field xs{x, {16, 2}};
      const cardan::Field ys{y, {16, 1}};
      for (int step = 0; step < steps; ++step) {
        session.begin_step(step);
        for (auto& value : x) value = unit(random);
        for (std::size_t s = 0; s < y.size(); ++s) y[s] = std::sin(x[2 * s]) + x[2 * s + 1];
        surrogate.observe({{"x", xs}}, {{"y", ys}});
      }
      std::iota(x.begin(), x.end(), -16.0);
      for (auto& value : x) value /= 64;
      // The service is opened by the first call.
      const auto ask = [&] {
        std::fill(y.begin(), y.end(), 7.0);
        const std::int64_t before = surrogate.counters().not_ready;
        const auto answer = surrogate.predict({{"x", xs}}, {{"y", ys}});
        // One of the inference ranks may not have its weights yet.
        told.version = surrogate.counters().not_ready == before ? answer.stamp().version : 0;
        told.answer = y[3];
      };
      if (steps == 0) ask();
      write_at_rest(session, folder);
      // What is at rest has been published.
      const std::int64_t version = model_in(newest(folder)).integer("version");
      for (int step = steps; told.version < version; ++step) {
        session.begin_step(step);
        ask();
      }
    }
  }
  if (comm != MPI_COMM_NULL) MPI_Comm_free(&comm);
  MPI_Barrier(MPI_COMM_WORLD);
  return told;
}

}  // namespace

TEST_CASE("training goes on from a checkpoint on any number of training ranks")
{
  const int ranks = test::size_of(MPI_COMM_WORLD);
  for (std::size_t k = 0; k < kinds.size(); ++k)
    for (int before = 1; before < ranks && before <= 3; ++before)
      for (int after = 1; after < ranks && after <= 3; ++after) {
        CAPTURE(k);
        CAPTURE(before);
        CAPTURE(after);
        const std::string folder = "training_state_" + std::to_string(ranks);
        const bool first = test::rank_in(MPI_COMM_WORLD) == 0;
        if (first) {
          fs::remove_all(folder);
          fs::create_directories(folder);
        }
        MPI_Barrier(MPI_COMM_WORLD);
        const Told then = run(kinds[k], before, folder, 12, "");
        const std::string from = newest(folder);
        MPI_Barrier(MPI_COMM_WORLD);
        const Told now = run(kinds[k], after, folder, 0, from);
        if (first) {
          CHECK(newest(folder) != from);
          for (const auto& each : cardan::checkpoint::sum_up(newest(folder)))
            CHECK(each.found == each.stated);
          compare(from, newest(folder), before == after);
          CHECK(now.version == then.version);
          CHECK(now.answer == then.answer);
        }
        // And it still learns.
        const Told later = run(kinds[k], after, folder, 40, newest(folder));
        if (first) CHECK(later.version > now.version);
        MPI_Barrier(MPI_COMM_WORLD);
        if (first) fs::remove_all(folder);
      }
}
