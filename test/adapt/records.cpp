// What is said of schedulers from their records: right records pass, and wrong ones do not.
#include "figures.hpp"
#include "scheduler_check.hpp"

#include <doctest/doctest.h>

#include <limits>

namespace {

using namespace adapt;
using cardan::TuningRecord;
using cardan::TuningReport;
using cardan::TuningVerdict;

/// A piece that took one second.
void add(TuningReport& report, std::int64_t trial, int rung, double loss)
{
  TuningRecord record;
  record.trial = trial;
  record.rung = rung;
  record.epochs = rung == 0 ? 1 : 3;
  record.piece = rung == 0 ? 1 : 2;
  record.loss = loss;
  record.cause = rung == 0 ? TuningVerdict::begin : TuningVerdict::promote;
  record.verdict = rung == 0 ? TuningVerdict::pause : TuningVerdict::finish;
  record.seconds = static_cast<double>(report.records.size());
  report.total_epochs += record.piece;
  record.total_epochs = report.total_epochs;
  report.records.push_back(record);
}

/// Trials 0, 1, 2 with losses 3, 1, 2.
TuningReport three()
{
  TuningReport report;
  for (const double loss : {3.0, 1.0, 2.0})
    add(report, static_cast<std::int64_t>(report.records.size()), 0, loss);
  return report;
}

TEST_CASE("a promotion is right where the trial was among the best third")
{
  auto right = three();
  add(right, 1, 1, 0.5);
  CHECK(wrong_promotions(right, 3) == 0);
  CHECK(wrong_rounds(right, 3) == 0);

  auto wrong = three();
  add(wrong, 2, 1, 0.5);
  CHECK(wrong_promotions(wrong, 3) == 1);
  CHECK(wrong_rounds(wrong, 3) == 1);

  add(right, 1, 1, 0.4);
  CHECK(wrong_promotions(right, 3) == 1);
}

TEST_CASE("a promotion that was right when it was made stays right")
{
  auto report = three();
  add(report, 3, 0, 0.1);
  // It was decided before trial 3 was heard of.
  add(report, 1, 1, 0.5);
  CHECK(wrong_promotions(report, 3) == 0);
  CHECK(wrong_rounds(report, 3) == 1);
}

TEST_CASE("trials of random search go on to the end, those that diverge apart")
{
  auto report = three();
  CHECK(unfinished(report, 3) == 3);
  for (const std::int64_t trial : {0, 1, 2}) add(report, trial, 1, 0.5);
  CHECK(unfinished(report, 3) == 0);
  add(report, 3, 0, std::numeric_limits<double>::infinity());
  CHECK(unfinished(report, 3) == 0);
}

TEST_CASE("a median counts what never was reached as larger than all")
{
  CHECK(median({3.0, std::nullopt, 1.0}) == 3.0);
  CHECK(median({3.0, 1.0}) == 2.0);
  CHECK(!median({3.0, std::nullopt}));
  CHECK(!median({}));
}

TEST_CASE("the best so far falls, and random search is compared by its epochs")
{
  std::vector<Episode> episodes(2);
  for (Episode& episode : episodes) {
    episode.report = three();
    add(episode.report, 1, 1, 0.5);
    episode.plan.task = "burgers";
  }
  episodes[0].plan.method = "asha";
  episodes[1].plan.method = "random";
  const auto bests = bests_of(episodes[0]);
  REQUIRE(bests.size() == 3);
  CHECK(bests[1].regret == 1.0);
  CHECK(bests[1].epochs == 2);
  CHECK(regret_of(episodes[0]) == 0.5);
  CHECK(final_loss(episodes[0], 0.05) == 0.5);
  episodes[0].report.epochs_to_target = 2;
  const auto bound = ratio_to_random(grouped(episodes), grouped(episodes).front());
  REQUIRE(bound);
  CHECK(bound->value == 2.5);
  CHECK(bound->at_least);
  episodes[1].report.epochs_to_target = 4;
  const auto ratio = ratio_to_random(grouped(episodes), grouped(episodes).front());
  REQUIRE(ratio);
  CHECK(ratio->value == 2);
  CHECK(!ratio->at_least);
}

}  // namespace
