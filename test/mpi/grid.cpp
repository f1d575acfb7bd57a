// Surrogates on grids: a linear model learns a stencil exactly, so every cell of every answer tells
// whether its tile, halo and place were right.
#include "support/grid_case.hpp"
#include "support/run_file.hpp"
#include "support/world.hpp"

#include <cardan/cardan.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <string>
#include <vector>

namespace {

using cardan::Box;
using cardan::Extents;
using cardan::Field;
using test::Cut;
using test::GridCase;
using test::World;

constexpr double untouched = -99;

/// One rank's fields.
struct Part {
  Part(const GridCase& grid, MPI_Comm comm)
      : box(test::part_of(grid, test::rank_in(comm), test::size_of(comm))),
        u(static_cast<std::size_t>(box.count.product())),
        v(u.size()),
        s(u.size()),
        t(u.size())
  {}
  /// Calls `work(cell, place in this part)`.
  template <class Work>
  void each(Work&& work) const
  {
    for (std::int64_t n = 0; n < box.count.product(); ++n) {
      Extents at = box.offset;
      std::int64_t rest = n;
      for (int d = at.rank() - 1; d >= 0; --d) {
        at[d] += rest % box.count[d];
        rest /= box.count[d];
      }
      work(at, static_cast<std::size_t>(n));
    }
  }
  void fill(const World& world, bool solved)
  {
    each([&](const Extents& at, std::size_t n) {
      u[n] = world.u(at);
      v[n] = world.v(at);
      s[n] = solved ? world.s(at) : untouched;
      t[n] = solved ? world.t(at) : static_cast<float>(untouched);
    });
  }
  cardan::Answer predict(cardan::Surrogate& surrogate)
  {
    return surrogate.predict({{"u", in(u)}, {"v", in(v)}}, {{"s", in(s)}, {"t", in(t)}});
  }
  void observe(cardan::Surrogate& surrogate)
  {
    surrogate.observe({{"u", in(u)}, {"v", in(v)}}, {{"s", in(s)}, {"t", in(t)}});
  }
  template <class T>
  [[nodiscard]] Field in(std::vector<T>& numbers) const
  {
    return Field{std::span(numbers), box.count}.in(box);
  }
  /// How many cells are neither the truth and trusted nor untouched and listed.
  [[nodiscard]] std::int64_t wrong(const World& world, const cardan::Answer& answer) const
  {
    std::vector<bool> listed(u.size(), false);
    for (const auto n : answer.untrusted()) listed[static_cast<std::size_t>(n)] = true;
    std::int64_t count = 0;
    each([&](const Extents& at, std::size_t n) {
      if (listed[n])
        count += s[n] != untouched || t[n] != static_cast<float>(untouched);
      else
        count += !(std::abs(s[n] - world.s(at)) < 1e-8 && std::abs(t[n] - world.t(at)) < 1e-6F);
    });
    return count;
  }

  Box box;
  std::vector<double> u;
  std::vector<float> v;
  std::vector<double> s;
  std::vector<float> t;
};

bool on_all(MPI_Comm comm, bool mine)
{
  int all = mine ? 1 : 0;
  MPI_Allreduce(MPI_IN_PLACE, &all, 1, MPI_INT, MPI_MIN, comm);
  return all != 0;
}

using Simulate = std::function<void(cardan::Session&, cardan::Surrogate&, Part&)>;

void couple(const GridCase& grid, const std::string& text, const Simulate& simulate)
{
  const test::RunFile file{MPI_COMM_WORLD, "grid", text};
  cardan::Session session{MPI_COMM_WORLD, file.name()};
  if (session.serves()) {
    CHECK(session.serve() == 0);
    return;
  }
  Part part{grid, session.comm()};
  auto surrogate = session.surrogate("stencil");
  simulate(session, surrogate, part);
}

/// Predicts and teaches until all ranks have had `enough` whole answers; all must be right.
void learn(const GridCase& grid, cardan::Session& session, cardan::Surrogate& surrogate, Part& part,
           int enough = 3)
{
  const double begin = MPI_Wtime();
  int whole = 0;
  std::int64_t asked = 0;
  for (const auto step : session.steps(1000000)) {
    const World world{grid, step};
    part.fill(world, false);
    const auto answer = part.predict(surrogate);
    ++asked;
    CHECK(part.wrong(world, answer) == 0);
    if (on_all(session.comm(), static_cast<bool>(answer)) && ++whole == enough) break;
    REQUIRE(MPI_Wtime() - begin < 60);
    part.fill(world, true);
    part.observe(surrogate);
  }
  const auto& counters = surrogate.counters();
  CHECK(counters.late == 0);
  CHECK(counters.asked == asked * part.box.count.product());
  CHECK(counters.asked == counters.trusted + counters.not_ready + counters.unsure +
                              counters.outside + counters.out_of_range);
  CHECK(counters.trusted >= enough * part.box.count.product());
}

const std::string everything = "{ gate = \"none\" }";

void answers_are_right(const GridCase& grid)
{
  INFO("global ", cardan::to_string(grid.global), ", halo ", grid.halo, ", periodic ",
       grid.periodic, ", ml ", grid.ml, ", training ", grid.training, ", ", grid.transport);
  couple(grid, test::run_file(grid, everything), [&](auto& session, auto& surrogate, auto& part) {
    learn(grid, session, surrogate, part);
  });
}

/// ML ranks and how many of them train, as the number of ranks allows.
struct Split {
  int ml;
  int training;
};
std::vector<Split> splits()
{
  switch (test::size_of(MPI_COMM_WORLD)) {
    case 2: return {{1, 1}};
    case 3: return {{1, 1}, {2, 1}};
    case 5: return {{3, 1}, {3, 2}};
    default: return {{4, 1}, {4, 3}};
  }
}

}  // namespace

TEST_CASE("answers are the stencil of the global array, around the edges and across ranks")
{
  for (const auto& split : splits())
    for (const bool periodic : {true, false})
      for (const std::int64_t halo : {0, 1, 3})
        answers_are_right({{12, 8},
                           {4, 4},
                           halo,
                           periodic,
                           halo == 0 ? Cut::rows : (halo == 1 ? Cut::blocks : Cut::columns),
                           split.ml,
                           split.training,
                           "auto"});
}

TEST_CASE("whole grids, one dimension, and every transport")
{
  const auto split = splits().back();
  for (const std::string transport : {"shared", "rma", "two_sided"}) {
    // Where the machine stands for several nodes, memory is not shared by all.
    if (transport == "shared" && test::environment("CARDAN_RANKS_PER_NODE", 0) > 0) continue;
    answers_are_right(
        {{12, 12}, {4, 6}, 1, true, Cut::blocks, split.ml, split.training, transport});
  }
  for (const bool periodic : {true, false}) {
    answers_are_right({{6, 4}, {}, 3, periodic, Cut::blocks, split.ml, split.training, "auto"});
    answers_are_right({{40}, {5}, 2, periodic, Cut::rows, split.ml, split.training, "auto"});
  }
}

TEST_CASE("the gate looks at tiles without their halo, which cannot be learned")
{
  const auto split = splits().back();
  const GridCase grid{{16, 16}, {4, 4}, 1, true, Cut::columns, split.ml, split.training, "auto"};
  couple(grid, test::run_file(grid, "{ gate = \"ensemble\", tolerance = 1e-5 }"),
         [&](auto& session, auto& surrogate, auto& part) {
           learn(grid, session, surrogate, part, 2);
         });
}

TEST_CASE("training ranks without a tile do not make the gate shut")
{
  const auto split = splits().back();
  if (split.training < 2) return;
  const GridCase grid{{4, 4}, {}, 1, true, Cut::columns, split.ml, split.training, "auto"};
  couple(grid, test::run_file(grid, "{ gate = \"ensemble\", tolerance = 1e-5 }"),
         [&](auto& session, auto& surrogate, auto& part) {
           learn(grid, session, surrogate, part, 1);
         });
}

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

TEST_CASE("a tile that is not trusted is listed by its cells, and only it")
{
  const auto split = splits().front();
  // With a halo of 2 the spike is in the images of the tiles around it, but not in their answers.
  const GridCase grid{{12, 8}, {4, 4}, 2, true, Cut::blocks, split.ml, split.training, "auto"};
  couple(grid, test::run_file(grid, "{ gate = \"none\", range = [-5, 5] }"),
         [&](auto& session, auto& surrogate, auto& part) {
           learn(grid, session, surrogate, part);
           World world{grid, session.step()};
           world.spike({5, 5}, 30);
           part.fill(world, false);
           const auto before = surrogate.counters().out_of_range;
           const auto answer = part.predict(surrogate);
           CHECK(part.wrong(world, answer) == 0);
           std::vector<std::int64_t> expected;
           part.each([&](const Extents& at, std::size_t n) {
             if (at[0] / 4 == 1 && at[1] / 4 == 1) expected.push_back(static_cast<std::int64_t>(n));
           });
           CHECK(std::vector<std::int64_t>(answer.untrusted().begin(), answer.untrusted().end()) ==
                 expected);
           CHECK(surrogate.counters().out_of_range - before ==
                 static_cast<std::int64_t>(expected.size()));
           CHECK(answer.stamp().version > 0);
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
