// Steering from the report to the decision: who gets which, what is late, superseded or
// nobody's, and what waits or is dropped where an ML rank falls behind.
#include "support/jitter.hpp"
#include "support/steering_run.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

using test::deciders;
using test::ml_ranks;
using test::rank_in;
using test::run;
using test::run_coupled;
using test::settle;
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

TEST_CASE("nothing is taken where nothing was decided, and a wait ends")
{
  run_coupled(steering_run(ml_ranks(), "deadline = \"20 ms\"\n"), [](Session& session) {
    Steered steered{session};
    CHECK_FALSE(steered.poll());
    CHECK_FALSE(steered.wait(0));
    CHECK_FALSE(steered.wait(0.01));
    steered.report(Wish::nothing, 0, 1);
    CHECK_FALSE(steered.wait(0.02));
    CHECK(steered.intact());
    CHECK(steered.stamp().id == 0);
    CHECK(steered.stamp().rank == -1);
    CHECK(steered.stamp().reason.empty());
    CHECK(steered.counters().reported == 1);
    CHECK(steered.counters().arrived == 0);
    steered.report(Wish::unasked, 0, 4);
    REQUIRE(steered.wait());
    CHECK(steered.stamp().step == -1);
    CHECK(steered.stamp().age_steps == 0);
    CHECK(std::isnan(steered.stamp().latency));
    CHECK(steered.holds(4, rank_in(session.comm())));
  });
}

TEST_CASE("defaults take the place of no decision")
{
  const std::string defaults =
      "none = \"default\"\n[steering.s.default]\nsum = 1.5\ntwice = [1, 2, 3, 4, 5, 6]\n"
      "half = -2\nnumber = [-9]\nletters = [1, 2, 3, 255]\n";
  const auto hold = [](const Steered& steered) {
    CHECK(steered.sum == 1.5);
    // Row by row, in memory column by column.
    CHECK(steered.twice == std::array<double, 6>{1, 3, 5, 2, 4, 6});
    CHECK(steered.half == std::array<float, 6>{-2, -2, -2, -2, -2, -2});
    CHECK(steered.number == -9);
    CHECK(steered.letters == std::array<std::uint8_t, 4>{1, 2, 3, 255});
  };
  run_coupled(steering_run(ml_ranks(), defaults), [&](Session& session) {
    Steered steered{session};
    CHECK_FALSE(steered.poll());
    hold(steered);
    steered.report(Wish::one, 0, 7);
    REQUIRE(steered.wait());
    CHECK(steered.holds(7, rank_in(session.comm())));
    CHECK_FALSE(steered.wait(0.01));
    hold(steered);
  });
  run(steering_run(0, defaults), [&](Session& session) {
    Steered steered{session};
    CHECK_FALSE(steered.wait(1e6));
    hold(steered);
  });
}

TEST_CASE("late decisions are counted, and dropped or applied as the run file says")
{
  for (const bool apply : {false, true}) {
    CAPTURE(apply);
    const std::string keys =
        std::string{"max_age = 5\nlate = \""} + (apply ? "apply" : "drop") + "\"\n";
    run_coupled(steering_run(ml_ranks(), keys), [&](Session& session) {
      Steered steered{session};
      const int me = rank_in(session.comm());
      session.begin_step(10);
      steered.report(Wish::one, 0, 1);
      session.begin_step(15);
      REQUIRE(steered.wait());
      CHECK(steered.stamp().age_steps == 5);
      CHECK(steered.counters().late == 0);
      steered.clear();
      steered.report(Wish::one, 0, 2);
      session.begin_step(21);
      while (steered.counters().late == 0) {
        const bool taken = steered.poll();
        CHECK(taken == (apply && steered.counters().late > 0));
      }
      CHECK(steered.counters().arrived == 2);
      if (apply) {
        CHECK(steered.holds(2, me));
        CHECK(steered.stamp().age_steps == 6);
      } else {
        CHECK(steered.intact());
        CHECK(steered.stamp().step == 10);
      }
      CHECK(steered.counters().applied == (apply ? 2 : 1));
      // The next one in time is taken as ever.
      steered.report(Wish::one, 0, 3);
      REQUIRE(steered.wait());
      CHECK(steered.holds(3, me));
      CHECK(steered.stamp().age_steps == 0);
      CHECK(steered.counters().late == 1);
    });
  }
}

TEST_CASE("the newest decision is taken, and the older ones are counted")
{
  for (const auto& transport : transports) {
    CAPTURE(transport);
    run_coupled(steering_run(ml_ranks(), "depth = 4\n", transport), [](Session& session) {
      const test::Jitter jitter{test::world_rank()};
      Steered steered{session};
      const int me = rank_in(session.comm());
      std::int64_t decisions = 0;
      for (const int many : {1, 3, 4, 5, 60}) {
        steered.report(Wish::many, many, many);
        settle(steered, decisions += many);
        CHECK(steered.holds(many, me));
      }
      // With tags of their own none replaces another before it is sent.
      const std::int64_t arrived = steered.counters().arrived;
      steered.report(Wish::many_tags, 60, 8);
      settle(steered, decisions += 60);
      CHECK(steered.counters().arrived == arrived + 60);
      CHECK(steered.stamp().id == steered.number);
    });
  }
}

TEST_CASE("of several deciders' decisions the one made from the latest step counts")
{
  run_coupled(steering_run(ml_ranks()), [](Session& session) {
    if (deciders(session) < 2) return;
    Steered steered{session};
    const int me = rank_in(session.comm());
    std::int64_t decisions = 0;
    for (int round = 0; round < 20; ++round) {
      const std::int64_t begin = 10 * std::int64_t{round};
      session.begin_step(begin + (me == 1 ? 7 : 5));
      const bool first = round % 2 == me;
      if (me < 2 && first) steered.report(Wish::all, 0, me);
      MPI_Barrier(session.comm());
      if (me < 2 && !first) steered.report(Wish::all, 0, me);
      settle(steered, decisions += 2);
      CHECK(steered.stamp().step == begin + 7);
      CHECK(steered.holds(1, 1));
      MPI_Barrier(session.comm());
    }
    CHECK(steered.counters().arrived == 40);
  });
}

TEST_CASE("an ML rank that falls behind: reports are dropped and counted, or wait and none is lost")
{
  for (const auto& transport : transports)
    for (const bool waits : {false, true}) {
      CAPTURE(transport);
      CAPTURE(waits);
      const std::string keys =
          std::string{"depth = 3\nfull = \""} + (waits ? "wait" : "drop") + "\"\n";
      run_coupled(steering_run(ml_ranks(), keys, transport), [&](Session& session) {
        Steered steered{session};
        MPI_Barrier(session.comm());
        steered.report(Wish::sleep, 200, 0);
        constexpr int reports = 50;
        for (int i = 0; i < reports; ++i) steered.report(Wish::one, 0, i);
        const auto& counters = steered.counters();
        CHECK(counters.reported == reports + 1);
        // While it sleeps there is room for three.
        if (waits)
          CHECK(counters.dropped == 0);
        else
          CHECK(counters.dropped > 0);
        settle(steered, counters.reported - 1 - counters.dropped);
        // It has caught up.
        steered.report(Wish::one, 0, 100);
        REQUIRE(steered.wait());
        CHECK(steered.holds(100, rank_in(session.comm())));
        const std::string reason = "report " + std::to_string(reports + 1) + " of";
        CHECK(std::string{steered.stamp().reason}.find(reason) == 0);
      });
    }
}

TEST_CASE("a decider that throws goes on with the next report")
{
  run_coupled(steering_run(ml_ranks()), [](Session& session) {
    Steered steered{session};
    for (int i = 0; i < 3; ++i) steered.report(Wish::fail, 0, 0);
    steered.report(Wish::one, 0, 5);
    REQUIRE(steered.wait());
    CHECK(steered.holds(5, rank_in(session.comm())));
    CHECK(steered.counters().arrived == 1);
  });
}
