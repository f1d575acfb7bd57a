// Surrogates on grids where something is missing: calls, answers, ML ranks, a tile that fits.
#include "support/grid_run.hpp"

#include <cardan/cardan.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

using cardan::Extents;
using cardan::Field;
using test::couple;
using test::Cut;
using test::everything;
using test::GridCase;
using test::on_all;
using test::Part;
using test::Simulate;
using test::World;

TEST_CASE("without ML ranks all cells are the solver's")
{
  const GridCase grid{{12, 8}, {4, 4}, 1, true, Cut::blocks, 0, 1, "auto"};
  couple(grid, test::run_file(grid, everything), [&](auto&, auto& surrogate, auto& part) {
    const World world{grid, 0};
    part.fill(world, false);
    const auto answer = part.predict(surrogate);
    CHECK(answer.untrusted().size() == part.u.size());
    CHECK(part.wrong(world, answer) == 0);
    part.observe(surrogate);
    CHECK(surrogate.counters().not_ready == surrogate.counters().asked);
    CHECK(surrogate.counters().dropped == surrogate.counters().observed);
  });
}

TEST_CASE("an answer that comes after it was given up is not taken for the next one")
{
  if (test::size_of(MPI_COMM_WORLD) < 3) return;
  const GridCase grid{{6, 4}, {}, 1, true, Cut::rows, 1, 1, "auto"};
  couple(grid, test::run_file(grid, everything, "late = \"solver\"\ndeadline = \"100 ms\"\n"),
         [&](auto& session, auto& surrogate, auto& part) {
           const bool last = test::rank_in(session.comm()) + 1 == test::size_of(session.comm());
           int whole = 0;
           const double begin = MPI_Wtime();
           for (const auto step : session.steps(1000000)) {
             const World world{grid, step};
             part.fill(world, false);
             // The last rank asks in every other step when the others do not wait any more.
             const bool apart = whole > 0 && step % 2 == 0;
             if (last && apart) MPI_Barrier(session.comm());
             const auto answer = part.predict(surrogate);
             if (!last && apart) {
               CHECK(answer.untrusted().size() == part.u.size());
               MPI_Barrier(session.comm());
             }
             CHECK(part.wrong(world, answer) == 0);
             whole += on_all(session.comm(), static_cast<bool>(answer)) ? 1 : 0;
             if (whole == 5) break;
             REQUIRE(MPI_Wtime() - begin < 60);
             part.fill(world, true);
             part.observe(surrogate);
           }
         });
}

TEST_CASE("a rank that leaves calls out makes others late and drop, and nothing is mixed up")
{
  if (test::size_of(MPI_COMM_WORLD) < 3) return;
  const GridCase grid{{6, 4}, {}, 1, true, Cut::rows, 1, 1, "auto"};
  couple(grid, test::run_file(grid, everything, "late = \"solver\"\ndeadline = \"200 ms\"\n"),
         [&](auto& session, auto& surrogate, auto& part) {
           const bool last = test::rank_in(session.comm()) + 1 == test::size_of(session.comm());
           const std::int64_t cells = part.box.count.product();
           std::int64_t answered = 0;
           const double begin = MPI_Wtime();
           for (const auto step : session.steps(1000000)) {
             const World world{grid, step};
             // The last rank teaches from step 300 on, and never asks in the first two.
             if (!last || step >= 2) {
               part.fill(world, false);
               const auto answer = part.predict(surrogate);
               CHECK(part.wrong(world, answer) == 0);
               if (step < 2) {
                 CHECK(answer.untrusted().size() == static_cast<std::size_t>(cells));
                 CHECK(surrogate.counters().late == (step + 1) * cells);
               }
               answered += answer ? 1 : 0;
             } else {
               part.fill(world, true);
               // Opens the surrogate with the others.
               if (step == 0) part.observe(surrogate);
             }
             if (!last || step >= 300) {
               part.fill(world, true);
               part.observe(surrogate);
             }
             if (step == 299 && !last) {
               // No ring has as many slots, and nothing of it could be used.
               CHECK(surrogate.counters().dropped > 0);
               CHECK(surrogate.counters().observed == 300 * cells);
               CHECK(answered == 0);
             }
             if (on_all(session.comm(), answered >= 3)) break;
             REQUIRE(MPI_Wtime() - begin < 60);
           }
         });
}

TEST_CASE("what is not a number is left to the solver with its tile, and not learned from")
{
  const GridCase grid{{12, 8}, {4, 4}, 1, true, Cut::rows, 1, 1, "auto"};
  const double nan = std::nan("");
  couple(grid, test::run_file(grid, everything, "not_a_number = \"solver\"\n"),
         [&](auto& session, auto& surrogate, auto& part) {
           test::learn(grid, session, surrogate, part);
           World world{grid, session.step()};
           world.spike({5, 5}, nan);
           part.fill(world, false);
           const auto answer = part.predict(surrogate);
           CHECK(part.wrong(world, answer) == 0);
           std::int64_t expected = 0;
           part.each([&](const Extents& at, std::size_t) {
             expected += at[0] / 4 == 1 && at[1] / 4 == 1;
           });
           CHECK(answer.untrusted().size() == static_cast<std::size_t>(expected));
           CHECK(surrogate.counters().not_a_number == expected);
           const bool has = part.box.offset[0] <= 5 && part.box.offset[0] + part.box.count[0] > 5;
           part.observe(surrogate);
           CHECK(surrogate.counters().quarantined == (has ? part.box.count.product() : 0));
         });
  couple(grid, test::run_file(grid, everything), [&](auto& session, auto& surrogate, auto& part) {
    World world{grid, session.step()};
    part.fill(world, true);
    part.observe(surrogate);
    if (test::rank_in(session.comm()) != 0) return;
    part.u.front() = nan;
    CHECK_THROWS_WITH_AS(part.predict(surrogate),
                         doctest::Contains("field 'u' has a not-a-number in row 0 of the grid"),
                         cardan::Error);
  });
}

TEST_CASE("a rank that goes on without another is told, and does not wait for the deadline")
{
  if (test::size_of(MPI_COMM_WORLD) < 3) return;
  const GridCase grid{{6, 4}, {}, 1, true, Cut::rows, 1, 1, "auto"};
  // Longer than this test may take.
  std::string text = test::run_file(grid, everything, "late = \"wait\"\n");
  text.replace(text.find("30 s"), 4, "10 min");
  couple(grid, text, [&](auto& session, auto& surrogate, auto& part) {
    test::learn(grid, session, surrogate, part, 1);
    const bool last = test::rank_in(session.comm()) + 1 == test::size_of(session.comm());
    std::int64_t asked = 0;
    // The last rank leaves out one step, then ends before the others.
    for (const auto step : session.steps(5)) {
      if (last && step == 2) continue;
      if (last && step == 4) return;
      const World world{grid, step};
      part.fill(world, false);
      const auto answer = part.predict(surrogate);
      CHECK(part.wrong(world, answer) == 0);
      asked += static_cast<bool>(answer) ? 1 : 0;
    }
    if (!last) CHECK(asked == 3);
    if (!last) CHECK(surrogate.counters().late == 2 * part.box.count.product());
  });
}

TEST_CASE("where the run file says so, the last answer stands in for one that is late")
{
  if (test::size_of(MPI_COMM_WORLD) < 3) return;
  const GridCase grid{{6, 4}, {}, 1, true, Cut::rows, 1, 1, "auto"};
  couple(grid, test::run_file(grid, everything, "late = \"last\"\ndeadline = \"2 s\"\n"),
         [&](auto& session, auto& surrogate, auto& part) {
           test::learn(grid, session, surrogate, part);
           const World one{grid, 1000000};
           part.fill(one, false);
           CHECK(part.predict(surrogate));
           if (test::rank_in(session.comm()) + 1 < test::size_of(session.comm())) {
             part.fill(World{grid, 1000001}, false);
             const auto answer = part.predict(surrogate);
             CHECK(answer);
             CHECK(part.wrong(one, answer) == 0);
             CHECK(surrogate.counters().late == part.box.count.product());
           }
           MPI_Barrier(session.comm());
           // Another loop's first step does not wait behind the last loop's last one.
           for (const auto step : session.steps(1)) {
             const World two{grid, 1000002 + step};
             part.fill(two, false);
             const auto answer = part.predict(surrogate);
             CHECK(answer);
             CHECK(part.wrong(two, answer) == 0);
           }
         });
}

TEST_CASE("what does not fit a grid is an error on all simulation ranks")
{
  GridCase grid{{12, 8}, {5, 4}, 1, true, Cut::rows, 1, 1, "auto"};
  const auto refused = [&](const GridCase& wrong, const char* message, const Simulate& simulate) {
    INFO(message);
    couple(wrong, test::run_file(wrong, everything), simulate);
  };
  const auto predicts = [](const char* message) {
    return [message](cardan::Session&, cardan::Surrogate& surrogate, Part& part) {
      std::string said;
      try {
        part.predict(surrogate);
      } catch (const cardan::Error& error) {
        said = error.what();
      }
      CHECK_MESSAGE(said.find(message) != std::string::npos, said);
    };
  };
  refused(grid, "divides", predicts("The nearest smaller tile that divides it is (4, 4)"));
  grid.tile = {4};
  refused(grid, "dimensions", predicts("one number of cells for each dimension"));
  grid.tile = {4, 4};
  refused(grid, "box", [](auto&, auto& surrogate, auto& part) {
    CHECK_THROWS_AS(
        surrogate.predict({{"u", Field{std::span(part.u), part.box.count}}, {"v", part.in(part.v)}},
                          {{"s", part.in(part.s)}, {"t", part.in(part.t)}}),
        cardan::Error);
  });
  refused(grid, "list", [](auto&, auto& surrogate, auto& part) {
    const std::vector<std::int64_t> cells{0};
    CHECK_THROWS_AS(surrogate.observe({{"u", part.in(part.u)}, {"v", part.in(part.v)}},
                                      {{"s", part.in(part.s)}, {"t", part.in(part.t)}}, cells),
                    cardan::Error);
  });
}
