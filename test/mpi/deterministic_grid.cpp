// [run] deterministic, on grids: two runs with all ranks held up at random give the same cells to
// the last bit.
#include "support/grid_run.hpp"
#include "support/jitter.hpp"
#include "support/trace.hpp"

#include <cardan/cardan.hpp>

#include <doctest/doctest.h>

#include <unistd.h>
#include <random>
#include <string>

using test::GridCase;

namespace {

test::Trace run(const GridCase& grid)
{
  const test::Jitter jitter{test::rank_in(MPI_COMM_WORLD)};
  std::string text = test::run_file(grid, test::everything);
  text.insert(text.find('\n') + 1, "deterministic = true\n");
  test::Trace trace;
  test::couple(grid, text, [&](auto& session, auto& surrogate, auto& part) {
    std::mt19937 pauses(std::random_device{}());
    for (const auto step : session.steps(25)) {
      usleep(static_cast<useconds_t>(pauses() % 2000));
      const test::World world{grid, step};
      part.fill(world, false);
      trace.add(part.predict(surrogate));
      trace.add(part.s.data(), part.s.size());
      trace.add(part.t.data(), part.t.size());
      part.fill(world, true);
      usleep(static_cast<useconds_t>(pauses() % 2000));
      // Where one rank does not observe, the tiles that it has a part of are left out.
      const bool silent = step == 20 && test::rank_in(session.comm()) == 0;
      for (int piece = 0; piece < 8 && !silent; ++piece) part.observe(surrogate);
      trace.counters = surrogate.counters();
      trace.add(&trace.counters, 1);
      trace.close();
    }
  });
  return trace;
}

void repeats(const GridCase& grid, std::int64_t versions)
{
  INFO("ml ", grid.ml, ", training ", grid.training, ", ", grid.transport);
  const test::Trace first = run(grid);
  const test::Trace second = run(grid);
  CHECK(first.differs(second) == -1);
  CHECK(first.counters.late == 0);
  CHECK(first.counters.dropped == 0);
  if (first.counters.asked == 0) return;
  CHECK(first.version >= versions);
  CHECK(first.counters.trusted > 0);
}

}  // namespace

TEST_CASE("two runs on a grid are the same to the last bit")
{
  for (const auto& split : test::splits())
    for (const std::string transport : {"shared", "rma", "two_sided"})
      repeats({{12, 8}, {4, 4}, 1, true, test::Cut::blocks, split.ml, split.training, transport},
              3);
}

TEST_CASE("ML ranks without tiles keep in step")
{
  for (const auto& split : test::splits())
    repeats({{8}, {8}, 1, false, test::Cut::rows, split.ml, split.training, "auto"}, 1);
}
