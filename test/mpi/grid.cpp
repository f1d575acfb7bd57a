// Surrogates on grids: a linear model learns a stencil exactly, so every cell of every answer tells
// whether its tile, halo and place were right.
#include "support/grid_run.hpp"
#include "support/world.hpp"

#include <cardan/cardan.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

using cardan::Extents;
using test::couple;
using test::Cut;
using test::everything;
using test::GridCase;
using test::learn;
using test::splits;
using test::World;

namespace {

void answers_are_right(const GridCase& grid)
{
  INFO("global ", cardan::to_string(grid.global), ", halo ", grid.halo, ", periodic ",
       grid.periodic, ", ml ", grid.ml, ", training ", grid.training, ", ", grid.transport);
  couple(grid, test::run_file(grid, everything), [&](auto& session, auto& surrogate, auto& part) {
    learn(grid, session, surrogate, part);
  });
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

TEST_CASE("fields of any strides are asked and answered where they lie")
{
  const auto split = splits().front();
  const GridCase grid{{12, 8}, {4, 4}, 1, false, Cut::blocks, split.ml, split.training, "auto"};
  couple(grid, test::run_file(grid, everything), [&](auto& session, auto& surrogate, auto& part) {
    learn(grid, session, surrogate, part);
    // The first index varies fastest, and every other element is somebody else's.
    const Extents& count = part.box.count;
    const Extents strides{2, 2 * count[0]};
    const std::size_t room = 2 * part.u.size();
    std::vector<double> u(room, -7);
    std::vector<double> s(room, -7);
    std::vector<float> v(room, -7);
    std::vector<float> t(room, -7);
    const World world{grid, session.step() + 1};
    const auto place = [&](const Extents& at) {
      return static_cast<std::size_t>(2 * (at[0] - part.box.offset[0]) +
                                      strides[1] * (at[1] - part.box.offset[1]));
    };
    part.each([&](const Extents& at, std::size_t) {
      u[place(at)] = world.u(at);
      v[place(at)] = world.v(at);
    });
    const auto in = [&](auto& numbers) {
      return cardan::Field{numbers.data(), count, strides}.in(part.box);
    };
    CHECK(surrogate.predict({{"u", in(u)}, {"v", in(v)}}, {{"s", in(s)}, {"t", in(t)}}));
    std::int64_t wrong = 0;
    part.each([&](const Extents& at, std::size_t) {
      wrong += !(std::abs(s[place(at)] - world.s(at)) < 1e-8 &&
                 std::abs(t[place(at)] - world.t(at)) < 1e-6F && s[place(at) + 1] == -7);
    });
    CHECK(wrong == 0);
  });
}
