// The decision log of a surrogate on a grid: a run repeated by its log gives every cell of every
// step the same value, and leaves the same cells to the solver.
#include "support/grid_run.hpp"
#include "support/world.hpp"

#include <cardan/cardan.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

using cardan::Session;
using test::Part;
using test::rank_in;
using test::RunFile;
using test::size_of;

namespace fs = std::filesystem;

namespace {

struct Outcome {
  std::vector<double> s;
  std::vector<float> t;
  std::vector<std::int64_t> untrusted;
  cardan::Counters counters;
};

Outcome simulate(const test::GridCase& grid, Session& session)
{
  Outcome outcome;
  Part part{grid, session.comm()};
  auto surrogate = session.surrogate("stencil");
  std::int64_t version = 0;
  for (const auto step : session.steps(200)) {
    if (session.ml_ranks() > 0 && version == 0)
      std::this_thread::sleep_for(std::chrono::milliseconds(40));
    const test::World world{grid, step};
    part.fill(world, false);
    const auto answer = part.predict(surrogate);
    version = answer.stamp().version;
    outcome.s.insert(outcome.s.end(), part.s.begin(), part.s.end());
    outcome.t.insert(outcome.t.end(), part.t.begin(), part.t.end());
    outcome.untrusted.insert(outcome.untrusted.end(), answer.untrusted().begin(),
                             answer.untrusted().end());
    part.fill(world, true);
    part.observe(surrogate);
  }
  outcome.counters = surrogate.counters();
  return outcome;
}

}  // namespace

TEST_CASE("a run on a grid is repeated by its log")
{
  const int ranks = size_of(MPI_COMM_WORLD);
  const int ml = ranks > 3 ? 2 : 1;
  const test::GridCase grid{{12, 8}, {4, 4}, 1, true, test::Cut::rows, ml, 1, "auto"};
  std::string text = test::run_file(grid, test::everything);
  text.replace(text.find("[run]\n"), 6, "[run]\nprovenance = true\n");
  const RunFile file{MPI_COMM_WORLD, "grid_log", text + "[decisions]\nanswers = true\nflush = 7\n"};
  const std::string folder = "decisions_grid_" + std::to_string(ranks);
  cardan::SessionOptions options;
  options.folder = folder;
  Outcome first;
  bool simulates = true;
  {
    Session session{MPI_COMM_WORLD, file.name(), options};
    simulates = !session.serves();
    if (simulates)
      first = simulate(grid, session);
    else
      CHECK(session.serve() == 0);
  }
  MPI_Comm part = MPI_COMM_NULL;
  MPI_Comm_split(MPI_COMM_WORLD, simulates ? 0 : 1, 0, &part);
  if (simulates) {
    CHECK(first.counters.trusted > 0);
    options.folder = folder + "/again";
    options.replay = folder + "/decisions.h5";
    Session session{part, file.name(), options};
    const Outcome again = simulate(grid, session);
    CHECK(session.ml_ranks() == 0);
    CHECK(again.s == first.s);
    CHECK(again.t == first.t);
    CHECK(again.untrusted == first.untrusted);
    CHECK(again.counters.trusted == first.counters.trusted);
    CHECK(again.counters.out_of_range == first.counters.out_of_range);
  }
  MPI_Comm_free(&part);
  MPI_Barrier(MPI_COMM_WORLD);
  if (rank_in(MPI_COMM_WORLD) == 0) fs::remove_all(folder);
}
