// Twins where something goes wrong: observations that are lost or late, answers that are.
#include "support/twin.hpp"

#include "couplers/twin/faults.hpp"

#include <filesystem>
#include <fstream>

using namespace test;
using cardan::twin::Fate;

namespace {

constexpr std::int64_t seed = 5;

bool coupled()
{
  return twin_ml_ranks() > 0;
}

int asset_ranks()
{
  return world_size() - twin_ml_ranks();
}

/// How many asset ranks' observations of a cycle are to meet that fate.
int count(const cardan::twin::FaultSettings& faults, std::int64_t cycle, Fate fate)
{
  int count = 0;
  for (int r = 0; r < asset_ranks(); ++r)
    if (cardan::twin::fault_of(faults, r, cycle).fate == fate) ++count;
  return count;
}

/// What all asset ranks say is the same.
void check_alike(Session& session, TwinOutcome outcome)
{
  std::array<int, 2> ends{static_cast<int>(outcome), -static_cast<int>(outcome)};
  MPI_Allreduce(MPI_IN_PLACE, ends.data(), 2, MPI_INT, MPI_MAX, session.comm());
  CHECK(ends[0] == -ends[1]);
}

void rest(double seconds)
{
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
}

}  // namespace

TEST_CASE("observations that are left out are not waited for; late ones come as such")
{
  if (!coupled()) return;
  cardan::twin::FaultSettings faults;
  faults.dropout = 0.2;
  faults.late = 0.2;
  faults.late_cycles = 3;
  faults.seed = seed;
  const std::int64_t cycles = 150;
  const auto seen =
      with_twin(twin_run(twin_ml_ranks(),
                         "faults = { dropout = 0.2, late = 0.2, late_cycles = 3, seed = 5 }\n"),
                [&](Session& session) {
                  Asset asset{session};
                  std::int64_t dropped = 0;
                  std::int64_t delayed = 0;
                  std::int64_t newest = -1;
                  for (std::int64_t k = 0; k < cycles; ++k) {
                    CHECK(asset.cycle(k) == TwinOutcome::on_time);
                    CHECK(asset.of == k);
                    CHECK(asset.here == count(faults, k, Fate::published));
                    if (asset.here > 0) newest = k;
                    if (k >= 3 && count(faults, k - 3, Fate::held_back) > 0)
                      newest = std::max(newest, k - 3);
                    const auto& stamp = asset.twin().stamp();
                    CHECK(stamp.observed == newest);
                    CHECK(stamp.age_cycles == k - newest);
                    const auto fate = cardan::twin::fault_of(faults, asset.rank(), k).fate;
                    dropped += fate == Fate::dropped ? 1 : 0;
                    delayed += fate == Fate::held_back ? 1 : 0;
                  }
                  const auto& counters = asset.twin().counters();
                  CHECK(counters.dropped == dropped);
                  CHECK(counters.delayed == delayed);
                  CHECK(counters.on_time == cycles);
                  CHECK(counters.full == 0);
                });
  if (!seen.ended) return;
  CHECK(static_cast<std::int64_t>(seen.cycles.size()) == cycles);
  std::vector<std::int64_t> late;
  std::vector<int> late_here;
  for (std::int64_t k = 0; k + 3 < cycles; ++k) {
    const int held_back = count(faults, k, Fate::held_back);
    if (held_back == 0) continue;
    late.push_back(k);
    late_here.push_back(held_back);
  }
  CHECK(seen.late == late);
  CHECK(seen.late_here == late_here);
}

TEST_CASE("a miss is handled as the run file says")
{
  if (!coupled()) return;
  for (const std::string late : {"last", "default", "wait"}) {
    CAPTURE(late);
    std::string keys =
        "deadline = \"20 ms\"\nlate = \"" + late + "\"\noptions = { sleep = 0.06, every = 4 }\n";
    if (late == "default") keys += "default = { sums = [4, 5, 6, 7], of = -2, here = 8 }\n";
    std::int64_t missed = 0;
    const std::int64_t cycles = 10;
    with_twin(twin_run(twin_ml_ranks(), keys), [&](Session& session) {
      Asset asset{session};
      std::int64_t last = -1;
      std::int64_t row = 0;
      std::int64_t longest = 0;
      for (std::int64_t k = 0; k < cycles; ++k) {
        const auto outcome = asset.cycle(k);
        check_alike(session, outcome);
        if (k % 4 == 3) CHECK(outcome == TwinOutcome::missed);
        const auto& stamp = asset.twin().stamp();
        if (outcome == TwinOutcome::on_time) {
          CHECK(asset.holds(k));
          CHECK(stamp.cycle == k);
          last = k;
          row = 0;
          continue;
        }
        ++missed;
        longest = std::max(longest, ++row);
        CHECK(stamp.slack <= 0);
        if (late == "wait") {
          CHECK(asset.holds(k));
          CHECK(stamp.cycle == k);
        } else if (late == "default") {
          CHECK(asset.of == -2);
          CHECK(asset.here == 8);
          CHECK(asset.sums[1] == 6);
          CHECK(asset.sums[3] == 7);
        } else {
          CHECK(asset.of == last);
          CHECK(stamp.cycle == last);
          CHECK(stamp.age_cycles == k - last);
        }
        // The twin has caught up, and what it answered is not taken for the next cycle.
        if (late != "wait") rest(0.1);
        MPI_Barrier(session.comm());
      }
      const auto& counters = asset.twin().counters();
      CHECK(counters.missed == missed);
      CHECK(counters.on_time == cycles - missed);
      CHECK(counters.longest_outage == longest);
      CHECK(counters.late <= missed);
      if (late == "wait") CHECK(counters.late == missed);
    });
  }
}

TEST_CASE("a miss may end the run, on all asset ranks at once")
{
  if (!coupled()) return;
  with_twin(twin_run(twin_ml_ranks(),
                     "deadline = \"20 ms\"\nlate = \"stop\"\noptions = { sleep = 0.06 }\n"),
            [&](Session& session) {
              Asset asset{session};
              CHECK_THROWS_AS(asset.cycle(0), cardan::Late);
              CHECK(asset.of == -1);
              MPI_Barrier(session.comm());
            });
}

TEST_CASE("an answer that is not a number is missed, unless it may be")
{
  if (!coupled()) return;
  for (const bool finite : {true, false}) {
    CAPTURE(finite);
    with_twin(twin_run(twin_ml_ranks(), std::string("options = { not_finite = 3 }\nfinite = ") +
                                            (finite ? "true\n" : "false\n")),
              [&](Session& session) {
                Asset asset{session};
                for (std::int64_t k = 0; k < 6; ++k) {
                  const auto outcome = asset.cycle(k);
                  if (k != 3) {
                    CHECK(outcome == TwinOutcome::on_time);
                    CHECK(asset.holds(k));
                  } else if (finite) {
                    CHECK(outcome == TwinOutcome::missed);
                    CHECK(asset.holds(2));
                  } else {
                    CHECK(outcome == TwinOutcome::on_time);
                    CHECK(asset.of == 3);
                    CHECK(std::isnan(asset.sums[3]));
                  }
                }
              });
  }
}

TEST_CASE("a twin that falls behind gets what it missed as late, and answers the newest cycle")
{
  if (!coupled()) return;
  const std::int64_t cycles = 12;
  const auto seen = with_twin(
      twin_run(twin_ml_ranks(), "deadline = \"1 ms\"\noptions = { sleep = 0.1, every = 5 }\n"),
      [&](Session& session) {
        Asset asset{session};
        for (std::int64_t k = 0; k < cycles; ++k) check_alike(session, asset.cycle(k));
      });
  if (!seen.ended) return;
  // Each cycle comes once: in its time, or late.
  std::vector<std::int64_t> all = seen.cycles;
  all.insert(all.end(), seen.late.begin(), seen.late.end());
  std::sort(all.begin(), all.end());
  CHECK(std::adjacent_find(all.begin(), all.end()) == all.end());
  CHECK(all.back() == cycles - 1);
  CHECK(static_cast<std::int64_t>(all.size()) == cycles);
}

TEST_CASE("the clock paces the asset")
{
  const std::int64_t cycles = 20;
  const auto seen = with_twin(
      twin_run(twin_ml_ranks(),
               "realtime = true\nperiod = \"5 ms\"\nfaults = { jitter = \"1 ms\" }\n"),
      [&](Session& session) {
        Asset asset{session};
        CHECK(asset.twin().realtime());
        CHECK(asset.twin().period() == doctest::Approx(5e-3));
        asset.twin().begin(0);
        const auto begin = std::chrono::steady_clock::now();
        for (std::int64_t k = 0; k < cycles; ++k) {
          if (k > 0) asset.twin().begin(k);
          const std::chrono::duration<double> since = std::chrono::steady_clock::now() - begin;
          CHECK(since.count() > 5e-3 * static_cast<double>(k) - 1e-4);
          asset.publish(k);
          check_alike(session, asset.answer());
        }
        const auto& counters = asset.twin().counters();
        CHECK(counters.on_time + counters.missed == (session.ml_ranks() > 0 ? cycles : 0));
      });
  for (const double left : seen.left) CHECK(left < 5e-3);
}

TEST_CASE("what is asked out of order is refused")
{
  with_twin(twin_run(twin_ml_ranks()), [&](Session& session) {
    Asset asset{session};
    CHECK_THROWS_AS(asset.publish(0), cardan::Error);
    asset.twin().begin(0);
    CHECK_THROWS_AS(asset.answer(), cardan::Error);
    asset.publish(0);
    CHECK_THROWS_AS(asset.publish(0), cardan::Error);
    asset.answer();
    CHECK_THROWS_AS(asset.answer(), cardan::Error);
    CHECK_THROWS_AS(asset.twin().begin(0), cardan::Error);
    asset.twin().begin(4);
    CHECK_THROWS_AS(asset.twin().publish({{"x", Field{&asset.of, {}}}}), cardan::Error);
    asset.publish(4);
    CHECK(asset.answer() == (session.ml_ranks() > 0 ? TwinOutcome::on_time : TwinOutcome::none));
  });
}

TEST_CASE("the log has every answer that came")
{
  if (!coupled()) return;
  const std::string folder = "twin_log_" + std::to_string(world_size());
  std::string text = twin_run(twin_ml_ranks(), "options = { not_finite = 3 }\n");
  text.insert(text.find('\n') + 1, "provenance = true\nfolder = \"" + folder + "\"\n");
  with_twin(text, [&](Session& session) {
    Asset asset{session};
    for (std::int64_t k = 0; k < 20; ++k) asset.cycle(k);
  });
  if (world_rank() == 0) {
    std::ifstream lines{folder + "/decisions.jsonl"};
    std::int64_t rows = 0;
    std::int64_t applied = 0;
    for (std::string line; std::getline(lines, line); ++rows) {
      CAPTURE(line);
      CHECK(line.find("\"twin\": \"t\"") != std::string::npos);
      CHECK(line.find(" observations") != std::string::npos);
      if (line.find("\"applied\": 1") != std::string::npos) ++applied;
    }
    CHECK(rows == 20 * asset_ranks());
    CHECK(applied == 19 * asset_ranks());
    std::filesystem::remove_all(folder);
  }
  MPI_Barrier(MPI_COMM_WORLD);
}
