// Members of an ensemble: dealt over any number of ranks, in rounds and on their own, with a
// decider whose decisions are known.
#include "support/ensemble.hpp"

#include <doctest/doctest.h>

using namespace cardan;
using test::ensemble_run;
using test::Members;
using test::sum_over_ranks;
using test::ToyOptions;
using test::Walk;
using test::Walker;
using test::with_members;
using test::world_size;

namespace {

const std::vector<std::string> transports =
    test::environment("CARDAN_RANKS_PER_NODE", 0) > 0
        ? std::vector<std::string>{"auto"}
        : std::vector<std::string>{"shared", "rma", "two_sided"};

/// The same rounds on one rank, without a library.
std::vector<Walker> reference(int members, int rounds, bool decided)
{
  std::vector<Walker> walkers(static_cast<std::size_t>(members));
  for (int m = 0; m < members; ++m)
    walkers[static_cast<std::size_t>(m)].seed = static_cast<std::uint64_t>(m) + 1000;
  for (int round = 1; round <= rounds; ++round) {
    std::vector<test::Frame> frames;
    for (int m = 0; m < members; ++m) {
      Walker& walker = walkers[static_cast<std::size_t>(m)];
      walker.step();
      test::Frame frame;
      frame.member = m;
      frame.segment = round;
      frame.x = walker.x;
      frame.state.resize(3);
      walker.write(frame.state);
      frames.push_back(frame);
    }
    if (!decided) continue;
    const auto said = test::judge(frames);
    for (std::size_t m = 0; m < said.size(); ++m)
      if (said[m].action == test::Action::restart)
        walkers[m].restart(frames[static_cast<std::size_t>(said[m].from)].state, said[m].seed);
  }
  return walkers;
}

bool coupled()
{
  return world_size() > 1;
}

}  // namespace

TEST_CASE("rounds are the same on any number of ranks, over every transport")
{
  constexpr int rounds = 40;
  for (const auto& transport : transports)
    for (const int members : {1, 2, 7, 16}) {
      CAPTURE(transport);
      CAPTURE(members);
      const auto expected = reference(members, rounds, coupled());
      ToyOptions toy;
      toy.round = members;
      // One member has nobody to go to.
      if (members == 1) toy.restart_every = 1 << 20;
      std::int64_t followed = 0;
      const auto seen =
          with_members(ensemble_run(members, "barrier = true\ndeadline = \"25 s\"\n", transport),
                       toy, [&](Members& ensemble, Session&) {
                         Walk walk{ensemble};
                         std::int64_t called = 0;
                         ensemble.on_decision([&](const MemberDecision& decision) {
                           CHECK(decision.segment == decision.made_from);
                           CHECK(decision.id > 0);
                           ++followed;
                         });
                         ensemble.run(walk.physics(), {rounds, [&](std::int64_t done) {
                                                         CHECK(done == ++called);
                                                         return true;
                                                       }});
                         CHECK(called == rounds);
                         for (const auto& each : walk.walkers) {
                           const int m = each.first;
                           const auto& walker = each.second;
                           CAPTURE(m);
                           CHECK(walker.x == expected[static_cast<std::size_t>(m)].x);
                           CHECK(walker.restarts == expected[static_cast<std::size_t>(m)].restarts);
                           CHECK(ensemble.member(m).segments == rounds);
                           CHECK(ensemble.member(m).time == rounds);
                         }
                         CHECK(ensemble.counters().missing == 0);
                         CHECK(ensemble.counters().failures == 0);
                         CHECK(ensemble.counters().dropped == 0);
                         const auto own = static_cast<std::int64_t>(ensemble.members().size());
                         CHECK(ensemble.counters().segments == own * rounds);
                         CHECK(ensemble.counters().frames == (coupled() ? own * rounds : 0));
                       });
      CHECK(seen.frames == (coupled() ? members * rounds : 0));
      CHECK(sum_over_ranks(followed) == seen.sent);
    }
}

TEST_CASE("members on their own take decisions as they come, and none is lost")
{
  for (const auto& transport : transports) {
    CAPTURE(transport);
    std::int64_t frames = 0;
    std::int64_t done = 0;
    std::int64_t restarts = 0;
    const auto seen = with_members(
        ensemble_run(11, "barrier = false\n", transport), {}, [&](Members& ensemble, Session&) {
          Walk walk{ensemble};
          ensemble.run(walk.physics(), {60, {}});
          ensemble.run(walk.physics(), {40, {}});
          for (const int m : ensemble.members()) CHECK(ensemble.member(m).segments == 100);
          const auto& counters = ensemble.counters();
          frames = counters.frames;
          done = counters.continued + counters.restarted + counters.superseded;
          restarts = counters.restarted;
          CHECK(counters.dropped == 0);
          CHECK(counters.missing == 0);
          int walked = 0;
          for (const auto& [m, walker] : walk.walkers) walked += walker.restarts;
          CHECK(walked == counters.restarted);
          // Between nodes clocks differ.
          const bool one_clock = test::environment("CARDAN_RANKS_PER_NODE", 0) == 0;
          CHECK(static_cast<std::int64_t>(ensemble.latencies().size()) ==
                (one_clock ? counters.continued + counters.restarted : 0));
        });
    CHECK(sum_over_ranks(frames) == seen.frames);
    CHECK(seen.frames == (coupled() ? 1100 : 0));
    // The last ones may come after the end.
    const std::int64_t followed = sum_over_ranks(done);
    CHECK(followed <= seen.sent);
    if (coupled()) {
      CHECK(followed > 0);
      CHECK(sum_over_ranks(restarts) > 0);
    }
  }
}

TEST_CASE("a member runs on several ranks, each with its part of the state")
{
  for (const bool barrier : {true, false})
    for (const auto& transport : transports) {
      const int simulation = world_size() - (coupled() ? 1 : 0);
      const int per_member = std::min(2, simulation);
      const int members = 5;
      CAPTURE(transport);
      CAPTURE(barrier);
      const auto expected = reference(members, 30, coupled());
      ToyOptions toy;
      toy.round = barrier ? members : 1;
      std::int64_t frames = 0;
      const auto seen = with_members(
          ensemble_run(
              members,
              "barrier = " + std::string(barrier ? "true" : "false") +
                  "\ndeadline = \"25 s\"\nranks_per_member = " + std::to_string(per_member) + "\n",
              transport),
          toy, [&](Members& ensemble, Session& session) {
            Walk walk{ensemble};
            const bool left_over = ensemble.members().empty();
            CHECK(test::size_of(ensemble.member_comm()) == (left_over ? 1 : per_member));
            auto physics = walk.physics();
            const auto step = physics.advance;
            // Functions may be collective over the member's ranks.
            physics.advance = [&](int member) {
              int same = member;
              MPI_Allreduce(&member, &same, 1, MPI_INT, MPI_MAX, ensemble.member_comm());
              CHECK(same == member);
              return step(member);
            };
            ensemble.run(physics, {30, [&](std::int64_t) {
                                     if (barrier) MPI_Barrier(session.comm());
                                     return true;
                                   }});
            if (barrier)
              for (const auto& [m, walker] : walk.walkers)
                CHECK(walker.x == expected[static_cast<std::size_t>(m)].x);
            for (const auto& [m, walker] : walk.walkers) {
              double other = walker.x;
              MPI_Bcast(&other, 1, MPI_DOUBLE, 0, ensemble.member_comm());
              CHECK(other == walker.x);
            }
            if (walk.part == 0) frames = ensemble.counters().frames;
          });
      CHECK(sum_over_ranks(frames) == seen.frames);
      CHECK(seen.frames == (coupled() ? members * 30 : 0));
    }
}

TEST_CASE("a run ends early where it is told to, and goes on where it was")
{
  for (const bool barrier : {true, false}) {
    ToyOptions toy;
    toy.round = barrier ? 6 : 1;
    const auto expected = reference(6, 25, coupled());
    with_members(ensemble_run(6, barrier ? "barrier = true\n" : "barrier = false\n"), toy,
                 [&](Members& ensemble, Session&) {
                   Walk walk{ensemble};
                   const auto until = [](std::int64_t done) { return done < 10; };
                   ensemble.run(walk.physics(), {1000, until});
                   for (const int m : ensemble.members()) CHECK(ensemble.member(m).segments == 10);
                   ensemble.run(walk.physics(), {15, {}});
                   for (const int m : ensemble.members()) {
                     CHECK(ensemble.member(m).segments == 25);
                     if (barrier)
                       CHECK(walk.walkers.at(m).x == expected[static_cast<std::size_t>(m)].x);
                   }
                 });
  }
}
