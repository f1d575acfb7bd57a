// Members that fail or end, ML ranks that fall behind or never answer, decisions that come late,
// and what the decision log has of all that.
#include "support/ensemble.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <limits>

using namespace cardan;
using test::Action;
using test::ensemble_run;
using test::Members;
using test::sum_over_ranks;
using test::ToyOptions;
using test::Walk;
using test::Walker;
using test::with_members;
using test::world_size;

namespace {

constexpr double broken_number = std::numeric_limits<double>::quiet_NaN();

bool coupled()
{
  return world_size() > 1;
}

std::string rounds(bool barrier)
{
  return barrier ? "barrier = true\n" : "barrier = false\n";
}

}  // namespace

TEST_CASE("a member that produces what is not a number is reported and replaced")
{
  for (const bool barrier : {true, false})
    for (const int broken : {0, 1, 2, 3}) {
      CAPTURE(barrier);
      CAPTURE(broken);
      ToyOptions toy;
      toy.round = barrier ? 5 : 1;
      std::int64_t failures = 0;
      const auto seen =
          with_members(ensemble_run(5, rounds(barrier)), toy, [&](Members& ensemble, Session&) {
            Walk walk{ensemble};
            bool sick = false;
            int steps = 0;
            walk.befall = [&](int member, Walker& walker) {
              sick = member == 3 && ++steps == 5;
              if (sick && broken == 0) return broken_number;
              if (sick && broken == 1) walker.x = std::numeric_limits<double>::infinity();
              return 1.0;
            };
            auto physics = walk.physics();
            physics.save = [&, save = physics.save](int member, std::span<double> state) {
              save(member, state);
              if (sick && broken == 2) state[1] = broken_number;
            };
            physics.objective = [&](int member) {
              return sick && broken == 3 ? -broken_number : walk.walkers.at(member).x;
            };
            ensemble.run(physics, {20, {}});
            failures = ensemble.counters().failures;
            for (const auto& [m, walker] : walk.walkers) {
              CHECK(std::isfinite(walker.x));
              CHECK(ensemble.member(m).segments == 20);
              CHECK(ensemble.member(m).state == MemberState::running);
              CHECK(ensemble.member(m).time == (m == 3 ? 19 : 20));
              if (m == 3) CHECK(walker.restarts > 0);
            }
            CHECK(ensemble.counters().missing == 0);
          });
      CHECK(sum_over_ranks(failures) == 1);
      CHECK(seen.failed == (coupled() ? 1 : 0));
    }
}

TEST_CASE("a member that fails again and again is given up, without ML ranks too")
{
  // Members of one rank that all fail, and nobody who decides.
  with_members(
      ensemble_run(3, "barrier = false\nfailures = 4\n", "auto", 0), {},
      [&](Members& ensemble, Session&) {
        Walk walk{ensemble};
        walk.befall = [&](int member, Walker&) { return member == 1 ? broken_number : 1.0; };
        ensemble.run(walk.physics(), {20, {}});
        for (const auto& [m, walker] : walk.walkers) {
          CHECK(ensemble.member(m).state == (m == 1 ? MemberState::failed : MemberState::running));
          CHECK(ensemble.member(m).segments == (m == 1 ? 5 : 20));
          CHECK(walker.restarts == (m == 1 ? 4 : 0));
          if (m == 1) CHECK(ensemble.counters().failures == 5);
        }
        CHECK(ensemble.counters().missing == 0);
        CHECK(ensemble.counters().frames == 0);
      });
}

TEST_CASE("a member that comes to its own end rests, begins anew or is stopped")
{
  for (const bool barrier : {true, false})
    for (const auto action : {Action::go_on, Action::reseed, Action::stop}) {
      CAPTURE(barrier);
      CAPTURE(static_cast<int>(action));
      ToyOptions toy;
      toy.round = barrier ? 4 : 1;
      // Rounds are of all members: those that rest have none.
      if (barrier && action != Action::reseed) continue;
      toy.on_ended = action;
      // One that was said before would have it run again.
      if (!barrier) toy.restart_every = 1 << 20;
      const auto seen =
          with_members(ensemble_run(4, rounds(barrier)), toy, [&](Members& ensemble, Session&) {
            Walk walk{ensemble};
            int steps = 0;
            walk.befall = [&](int member, Walker&) {
              return member == 2 && ++steps == 6 ? -1.0 : 1.0;
            };
            ensemble.run(walk.physics(), {15, {}});
            CHECK(ensemble.counters().missing == 0);
            for (const int m : ensemble.members()) {
              if (m != 2) continue;
              const bool runs = coupled() && action == Action::reseed;
              CHECK(ensemble.member(m).state == (runs                      ? MemberState::running
                                                 : !coupled()              ? MemberState::ended
                                                 : action == Action::go_on ? MemberState::ended
                                                                           : MemberState::stopped));
              CHECK(ensemble.member(m).segments == (runs ? 15 : 6));
            }
          });
      CHECK(seen.ended == (coupled() ? 1 : 0));
    }
}

TEST_CASE("an ML rank that falls behind holds members back, or loses frames that are counted")
{
  if (!coupled()) return;
  for (const bool drop : {true, false}) {
    CAPTURE(drop);
    ToyOptions toy;
    toy.sleep = 2e-3;
    std::int64_t frames = 0;
    std::int64_t dropped = 0;
    const auto seen = with_members(ensemble_run(12, std::string("barrier = false\nfull = ") +
                                                        (drop ? "\"drop\"\n" : "\"wait\"\n")),
                                   toy, [&](Members& ensemble, Session&) {
                                     Walk walk{ensemble};
                                     ensemble.run(walk.physics(), {40, {}});
                                     frames = ensemble.counters().frames;
                                     dropped = ensemble.counters().dropped;
                                   });
    frames = sum_over_ranks(frames);
    dropped = sum_over_ranks(dropped);
    CHECK(frames + dropped == 12 * 40);
    CHECK(seen.frames == frames);
    CHECK((dropped > 0) == drop);
  }
}

TEST_CASE("members go on where no decision comes before the deadline")
{
  if (!coupled()) return;
  for (const bool barrier : {true, false}) {
    CAPTURE(barrier);
    ToyOptions toy;
    toy.answers = false;
    const auto seen = with_members(
        ensemble_run(5, rounds(barrier) + "deadline = \"100 ms\"\n"), toy,
        [&](Members& ensemble, Session&) {
          Walk walk{ensemble};
          int steps = 0;
          walk.befall = [&](int member, Walker&) {
            return member == 4 && ++steps == 3 ? broken_number : 1.0;
          };
          ensemble.run(walk.physics(), {6, {}});
          const bool has_sick = !ensemble.members().empty() && ensemble.members().back() == 4;
          const auto own = static_cast<std::int64_t>(ensemble.members().size());
          CHECK(ensemble.counters().missing == (barrier ? 6 * own : has_sick ? 1 : 0));
          for (const int m : ensemble.members()) {
            CHECK(ensemble.member(m).segments == 6);
            CHECK(ensemble.member(m).state == MemberState::running);
          }
          if (has_sick) CHECK(walk.walkers.at(4).restarts == 1);
        });
    CHECK(seen.frames == 30);
  }
}

TEST_CASE("decisions that come late are dropped or applied, and counted")
{
  if (!coupled()) return;
  for (const bool apply : {false, true}) {
    CAPTURE(apply);
    ToyOptions toy;
    toy.sleep = 1e-3;
    std::int64_t late = 0;
    with_members(ensemble_run(3, std::string("barrier = false\nmax_age = 0\nlate = ") +
                                     (apply ? "\"apply\"\n" : "\"drop\"\n")),
                 toy, [&](Members& ensemble, Session&) {
                   Walk walk{ensemble};
                   std::int64_t old = 0;
                   ensemble.on_decision([&](const MemberDecision& decision) {
                     if (decision.segment > decision.made_from) ++old;
                   });
                   ensemble.run(walk.physics(), {300, {}});
                   late = ensemble.counters().late;
                   CHECK(old == (apply ? late : 0));
                 });
    CHECK(sum_over_ranks(late) > 0);
  }
}

TEST_CASE("an error of one member ends the run on all simulation ranks")
{
  for (const bool barrier : {true, false})
    for (const int per_member : {1, 2}) {
      const int simulation = world_size() - (coupled() ? 1 : 0);
      if (per_member > simulation) continue;
      CAPTURE(barrier);
      CAPTURE(per_member);
      ToyOptions toy;
      toy.round = barrier ? simulation : 1;
      with_members(ensemble_run(simulation, rounds(barrier) + "ranks_per_member = " +
                                                std::to_string(per_member) + "\n"),
                   toy, [&](Members& ensemble, Session& session) {
                     Walk walk{ensemble};
                     int steps = 0;
                     // On the last of the member's ranks only.
                     walk.befall = [&](int member, Walker&) {
                       if (member == 0 && walk.part == per_member - 1 && ++steps == 4)
                         throw std::runtime_error("the walker fell");
                       if (!barrier) std::this_thread::sleep_for(std::chrono::microseconds(50));
                       return 1.0;
                     };
                     std::string said;
                     try {
                       // A rank that was done before would not hear of it.
                       ensemble.run(walk.physics(), {1000000, {}});
                     } catch (const std::exception& error) {
                       said = error.what();
                     }
                     CHECK((ensemble.members().empty() ||
                            said.find("the walker fell") != std::string::npos));
                     MPI_Barrier(session.comm());
                   });
    }
}

TEST_CASE("the log has every decision, with the frame that it came from")
{
  if (!coupled()) return;
  for (const bool barrier : {true, false}) {
    CAPTURE(barrier);
    const int members = 6;
    const std::string folder = "ensemble_log_" + std::to_string(world_size());
    std::string text = ensemble_run(members, rounds(barrier));
    text.insert(text.find('\n') + 1, "provenance = true\nfolder = \"" + folder + "\"\n");
    ToyOptions toy;
    toy.round = barrier ? members : 1;
    std::int64_t followed = 0;
    std::int64_t restarted = 0;
    const auto seen = with_members(text, toy, [&](Members& ensemble, Session&) {
      Walk walk{ensemble};
      ensemble.run(walk.physics(), {50, {}});
      ensemble.run(walk.physics(), {50, {}});
      const auto& counters = ensemble.counters();
      followed = counters.continued + counters.restarted + counters.stopped + counters.superseded;
      restarted = counters.restarted;
    });
    followed = sum_over_ranks(followed);
    restarted = sum_over_ranks(restarted);
    if (barrier) CHECK(followed == seen.sent);
    if (test::world_rank() == 0) {
      std::ifstream lines{folder + "/decisions.jsonl"};
      std::int64_t rows = 0;
      std::int64_t sources = 0;
      for (std::string line; std::getline(lines, line); ++rows) {
        CAPTURE(line);
        CHECK(line.find("\"ensemble\": \"e\"") != std::string::npos);
        CHECK(line.find("\"from_step\": -1") == std::string::npos);
        if (line.find("\"action\": 1,") == std::string::npos) continue;
        CHECK(line.find("\"from_member\": -1") == std::string::npos);
        CHECK(line.find("\"too near\"") != std::string::npos);
        if (line.find("\"applied\": 1") != std::string::npos) ++sources;
      }
      CHECK(rows == followed);
      CHECK(sources <= restarted);
      CHECK(sources > 0);
      std::filesystem::remove_all(folder);
    }
    MPI_Barrier(MPI_COMM_WORLD);
  }
}
