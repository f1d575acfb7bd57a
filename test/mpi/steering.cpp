// Steering from the report to the decision: who gets which, what is dropped, late, superseded or
// nobody's, and what is refused.
#include "support/steering.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

using test::rank_in;
using test::RunFile;
using test::size_of;
using test::Steered;
using test::steering_run;
using test::Wish;
using namespace cardan;

namespace {

/// Where nodes are made smaller, what `auto` makes of them.
const std::vector<std::string> transports =
    test::environment("CARDAN_RANKS_PER_NODE", 0) > 0
        ? std::vector<std::string>{"auto"}
        : std::vector<std::string>{"shared", "rma", "two_sided"};

/// How many ML ranks the tests take of the job's ranks; with one, none is left.
int ml_ranks()
{
  const int ranks = size_of(MPI_COMM_WORLD);
  return ranks < 4 ? ranks - 1 : ranks / 2;
}

/// A session whose simulation ranks do `work`.
void run(const std::string& text, const std::function<void(Session&)>& work)
{
  test::register_obedient();
  const RunFile file{MPI_COMM_WORLD, "steering", text};
  Session session{MPI_COMM_WORLD, file.name()};
  if (session.serves()) {
    CHECK(session.serve() == 0);
    return;
  }
  try {
    work(session);
  } catch (const std::exception& error) {
    FAIL(std::string{error.what()});
  }
}

/// Of a session with ML ranks.
void run_coupled(const std::string& text, const std::function<void(Session&)>& work)
{
  if (ml_ranks() > 0) run(text, work);
}

int deciders(const Session& session)
{
  return std::min(session.ml_ranks(), size_of(session.comm()));
}

}  // namespace

TEST_CASE("decisions for one, for some and for all arrive once, whole, with their stamp")
{
  for (const auto& transport : transports) {
    CAPTURE(transport);
    run_coupled(steering_run(ml_ranks(), "", transport), [](Session& session) {
      Steered steered{session};
      const int me = rank_in(session.comm());
      const int ranks = size_of(session.comm());
      const int mine = me % deciders(session);
      std::int64_t arrived = 0;
      std::int64_t numbers = 0;
      for (const auto step : session.steps(30)) {
        // Each for itself.
        steered.clear();
        const double first = 1000.0 * me + static_cast<double>(step);
        steered.report(Wish::one, 0, first);
        REQUIRE(steered.wait());
        ++arrived;
        CHECK(steered.holds(first, me));
        CHECK(steered.stamp().step == step);
        CHECK(steered.stamp().age_steps == 0);
        CHECK(steered.stamp().id > numbers);
        CHECK(steered.stamp().id == steered.number);
        numbers = steered.stamp().id;
        CHECK(steered.stamp().version == static_cast<std::uint32_t>(100 + mine));
        CHECK(session.rank_map()[static_cast<std::size_t>(steered.stamp().rank)].role !=
              "simulation");
        CHECK(steered.stamp().work == 0.25);
        if (test::environment("CARDAN_RANKS_PER_NODE", 0) == 0)
          CHECK(steered.stamp().latency > 0);
        else
          CHECK(!(steered.stamp().latency <= 0));
        MPI_Barrier(session.comm());
        // One rank has all, or every other one, told.
        for (const Wish order : {Wish::all, Wish::some}) {
          steered.clear();
          const int speaker = static_cast<int>(step) % ranks;
          if (me == speaker) steered.report(order, 1, -first);
          const bool meant = order == Wish::all || me % 2 == 1;
          if (meant) {
            REQUIRE(steered.wait());
            ++arrived;
            CHECK(steered.holds(-1000.0 * speaker - static_cast<double>(step), speaker));
            const std::string of = " of rank " + std::to_string(speaker);
            CHECK(std::string{steered.stamp().reason}.find("report ") == 0);
            CHECK(std::string{steered.stamp().reason}.find(of) != std::string::npos);
          }
          MPI_Barrier(session.comm());
          if (!meant) CHECK(steered.intact());
          CHECK_FALSE(steered.poll());
          MPI_Barrier(session.comm());
        }
      }
      CHECK(steered.counters().arrived == arrived);
      CHECK(steered.counters().applied == arrived);
      CHECK(steered.counters().late == 0);
      CHECK(steered.counters().superseded == 0);
      CHECK(steered.counters().dropped == 0);
    });
  }
}
