// Pipelines of toy stages: no candidate is lost or comes twice, whatever is decided.

#include "support/pipeline.hpp"
#include "support/pipeline_run.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

using test::candidates;
using test::coupled;
using test::Options;
using test::run;
using test::toy;

namespace {

std::int64_t best_tenth(const cardan::PipelineReport& report)
{
  std::vector<double> all;
  for (std::int64_t c = 0; c < candidates; ++c) all.push_back(test::quality_of(c));
  std::sort(all.begin(), all.end(), std::greater<>());
  return std::count_if(report.finished.begin(), report.finished.end(), [&](std::int64_t c) {
    return test::quality_of(c) >= all[candidates / 10 - 1];
  });
}

/// Of a stage: who is faster than the training goes unscored.
double takes_a_while(const cardan::PipelineTask&, double score)
{
  std::this_thread::sleep_for(std::chrono::milliseconds{1});
  return score;
}

}  // namespace

TEST_CASE("everything goes through all stages, and queues are bounded")
{
  for (const char* keys : {"resplit = true\nsettle = \"1 us\"\n", "resplit = false\n"}) {
    const auto outcome =
        run(Options{toy(keys, "queue = 7\n", "queue = 5\nbatch = 3\n", "queue = 2\n"), 1});
    if (!outcome.simulates) continue;
    CHECK(outcome.report.finished.size() == candidates);
    CHECK(outcome.report.stages[1].longest <= 5);
    CHECK(outcome.report.stages[2].longest <= 2);
    for (const auto& stage : outcome.report.stages) {
      CHECK(stage.rejected == 0);
      CHECK(stage.fewest <= stage.most);
      // Five ranks have three that simulate.
      if (std::string{keys} == "resplit = false\n" && cardan::mpi::size(MPI_COMM_WORLD) >= 5)
        CHECK(stage.moves == 0);
    }
    CHECK(outcome.report.versions == 0);
  }
}

TEST_CASE("random promotion keeps the same candidates, however they come")
{
  const std::string half = "promote = { kind = \"random\", share = 0.5 }\n";
  std::vector<std::int64_t> expected;
  for (std::int64_t c = 0; c < candidates; ++c)
    if (cardan::pipeline::chance_of(0, c, 0) < 0.5 && cardan::pipeline::chance_of(0, c, 1) < 0.5)
      expected.push_back(c);
  for (const char* keys : {"", "depth = 1\nshuffle = false\n"}) {
    const auto outcome = run(Options{toy(keys, half, half)});
    if (!outcome.simulates) continue;
    auto finished = outcome.report.finished;
    std::sort(finished.begin(), finished.end());
    CHECK(finished == expected);
  }
}

TEST_CASE("the best of all go on where a stage ranks all of them")
{
  const auto outcome = run(Options{toy("", "", "promote = { kind = \"best\", share = 0.2 }\n")});
  if (!outcome.simulates) return;
  // Alone each rank ranks its own.
  if (coupled()) CHECK(outcome.report.finished.size() == candidates / 5);
  CHECK(best_tenth(outcome.report) == candidates / 10);
}

TEST_CASE("a budget ends the run, and is spent on the best")
{
  const std::string rule = "promote = { kind = \"score\", spread = 0.5 }\n";
  for (const std::string keys : {"", "pace = false\n", "resplit = false\n"}) {
    CAPTURE(keys);
    const auto outcome = run(Options{toy(keys + "budget = 75\n", "", rule)});
    if (!outcome.simulates) continue;
    CHECK(outcome.report.finished.size() == 75);
    if (keys == "pace = false\n") continue;
    CHECK(outcome.report.stages[0].entered == candidates);
    CHECK(best_tenth(outcome.report) >= candidates / 10 - 6);
  }
  const auto none = run(Options{toy("", rule, rule)});
  if (!none.simulates) return;
  CHECK(none.report.stages[0].rejected > 0);
  CHECK(none.report.stages[1].rejected > 0);
  CHECK(none.report.finished.size() < 200);
}

TEST_CASE("a budget of work ends the run")
{
  const auto outcome = run(Options{toy("work = \"20 ms\"\n", "", ""), 4});
  if (outcome.simulates) CHECK(outcome.report.finished.size() < candidates);
}

TEST_CASE("a model learns which candidates are good")
{
  const std::string text =
      "[pipeline.toy]\ncandidates = 300\nstages = [\"guess\", \"middle\", \"fine\"]\n"
      "train = { every = 20, warmup = 30, steps = 2, batch = 16 }\n"
      "[pipeline.toy.stage.guess]\nmodel = { kind = \"linear\" }\nqueue = 16\n"
      "promote = { kind = \"score\", spread = 0.5 }\n"
      "[pipeline.toy.stage.middle]\nqueue = 16\n[pipeline.toy.stage.fine]\nqueue = 8\n";
  Options options{text, 0, true};
  options.befall = takes_a_while;
  const auto outcome = run(options);
  if (!outcome.simulates || !coupled()) return;
  const auto& report = outcome.report;
  CHECK(report.versions >= 2);
  CHECK(report.drifts == 0);
  CHECK(report.stages[0].entered == candidates);
  CHECK(report.stages[0].rejected > 50);
  CHECK(best_tenth(report) >= candidates / 10 - 5);
  CHECK(report.last_error < 1e-2);
}

TEST_CASE("labels that drift are noticed")
{
  Options options{
      "[pipeline.toy]\ncandidates = 300\nstages = [\"guess\", \"middle\", \"fine\"]\nshuffle = "
      "false\n"
      "train = { every = 1000, warmup = 30 }\ndrift = { threshold = 5, reference = 20 }\n"
      "[pipeline.toy.stage.guess]\nmodel = { kind = \"linear\" }\nqueue = 16\n"
      "[pipeline.toy.stage.middle]\nqueue = 16\n[pipeline.toy.stage.fine]\nqueue = 8\n",
      0, true};
  options.misled = 150;
  options.befall = takes_a_while;
  const auto outcome = run(options);
  if (!outcome.simulates || !coupled()) return;
  CHECK(outcome.report.drifts >= 1);
  // The run may end before a drift is learned.
  CHECK(outcome.report.versions >= 1);
  CHECK(outcome.report.versions <= outcome.report.drifts + 1);
}
