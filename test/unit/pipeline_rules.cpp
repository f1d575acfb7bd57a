// Thresholds, drift, and who works where: decisions without a rank.
#include "couplers/pipeline/dealer.hpp"
#include "couplers/pipeline/drift.hpp"
#include "couplers/pipeline/flow.hpp"
#include "couplers/pipeline/rule.hpp"
#include "couplers/pipeline/split.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

using namespace cardan;
using namespace cardan::pipeline;

namespace {

Settings three_stages()
{
  Settings settings;
  settings.name = std::string{"toy"};
  settings.candidates = 200;
  settings.stages = {"a", "b", "c"};
  settings.stage.resize(3);
  for (auto& stage : settings.stage) {
    stage.queue = 10;
    stage.batch = 1;
  }
  settings.shuffle = false;
  return settings;
}

/// Normal, near enough: the sum of twelve uniform numbers.
double normal(int i)
{
  double sum = -6;
  for (int j = 0; j < 12; ++j) sum += chance_of(1, i, j);
  return sum;
}

}  // namespace

TEST_CASE("k follows the queue between its bounds")
{
  PromoteSettings settings;
  settings.least = 0.5;
  settings.spread = 1;
  settings.most = 3;
  CHECK(spreads_at(settings, 0) == 0.5);
  CHECK(spreads_at(settings, 0.25) == doctest::Approx(0.75));
  CHECK(spreads_at(settings, 0.5) == 1);
  CHECK(spreads_at(settings, 0.75) == doctest::Approx(2));
  CHECK(spreads_at(settings, 1) == 3);
  CHECK(spreads_at(settings, 7) == 3);
  CHECK(spreads_at(settings, -1) == 0.5);
}

TEST_CASE("a threshold is mean plus k spreads of the recent scores")
{
  PromoteSettings settings;
  settings.recent = 10;
  Threshold threshold{settings};
  for (int i = 0; i < 7; ++i) {
    threshold.add(i % 2);
    CHECK(std::isinf(threshold.at(0.5)));
  }
  threshold.add(1);
  CHECK(threshold.mean() == doctest::Approx(0.5));
  CHECK(threshold.spread() == doctest::Approx(0.5));
  CHECK(threshold.at(0.5) == doctest::Approx(0.5 + settings.spread * 0.5));
  CHECK(threshold.at(1) > threshold.at(0));
  // Older ones are forgotten.
  for (int i = 0; i < 10; ++i) threshold.add(7);
  CHECK(threshold.mean() == doctest::Approx(7));
  CHECK(threshold.spread() == doctest::Approx(0));
}

TEST_CASE("chances are even, and the same whenever they are asked")
{
  double sum = 0;
  for (int c = 0; c < 4000; ++c) {
    const double chance = chance_of(3, c, 1);
    CHECK(chance >= 0);
    CHECK(chance < 1);
    CHECK(chance == chance_of(3, c, 1));
    sum += chance;
  }
  CHECK(sum / 4000 == doctest::Approx(0.5).epsilon(0.05));
  CHECK(chance_of(3, 1, 1) != chance_of(3, 1, 2));
  CHECK(chance_of(3, 1, 1) != chance_of(4, 1, 1));
}

TEST_CASE("residuals that move are a drift, and noise is none")
{
  DriftSettings settings;
  Drift drift{settings};
  for (int i = 0; i < 3000; ++i) CHECK(!drift.add(3 + 0.1 * normal(i)));
  for (const double shift : {-2.0, 2.0}) {
    drift.restart();
    int late = 0;
    for (int i = 0; i < 200; ++i) CHECK(!drift.add(0.1 * normal(i)));
    while (late < 100 && !drift.add(0.1 * (normal(1000 + late) + shift))) ++late;
    // 20 at 2 - 0.5 a label.
    CHECK(late > 5);
    CHECK(late < 25);
  }
  // What is usual is seen anew.
  for (int i = 0; i < 200; ++i) CHECK(!drift.add(50 + normal(i)));
  settings.threshold = 0;
  Drift never{settings};
  for (int i = 0; i < 500; ++i) CHECK(!never.add(i));
}

TEST_CASE("every stage has a rank at first, where there are enough")
{
  const auto counts = [](std::vector<int> wanted, int ranks) {
    std::vector<int> all(wanted.size(), 0);
    for (const auto& cover : first_split(wanted, ranks)) {
      CHECK(cover.first == cover.last);
      ++all[static_cast<std::size_t>(cover.first)];
    }
    return all;
  };
  CHECK(counts({0, 0, 0}, 3) == std::vector<int>{1, 1, 1});
  CHECK(counts({0, 0, 0}, 5) == std::vector<int>{1, 2, 2});
  CHECK(counts({1, 1, 0}, 6) == std::vector<int>{1, 1, 4});
  CHECK(counts({1, 5, 1}, 6) == std::vector<int>{1, 4, 1});
  CHECK(counts({1, 1, 1}, 6) == std::vector<int>{1, 1, 4});
  CHECK(counts({3, 0, 0}, 3) == std::vector<int>{1, 1, 1});
  const auto few = first_split(std::vector<int>{0, 0, 0}, 2);
  CHECK(few.size() == 2);
  CHECK(few[0].first == 0);
  CHECK(few[0].last == 0);
  CHECK(few[1].first == 1);
  CHECK(few[1].last == 2);
  const auto one = first_split(std::vector<int>{0, 0, 0}, 1);
  CHECK(one[0].first == 0);
  CHECK(one[0].last == 2);
}

TEST_CASE("ranks go where they are missed, and do not go to and fro")
{
  // Work for each candidate that comes: 1 and 4; queues half full.
  std::vector<Demand> demands{{100, 1, 1, 0.5, 0.5, 3}, {100, 8, 0.5, 0.5, 0.5, 2}};
  CHECK(weight_of(demands[0]) == doctest::Approx(1));
  CHECK(weight_of(demands[1]) == doctest::Approx(4));
  CHECK(neediest(demands) == 1);
  CHECK(better(demands, 0, 1) == 1);
  CHECK(better(demands, 0, 5) == -1);
  CHECK(better(demands, 1, 1) == -1);
  // From any split it comes to rest.
  for (int first = 0; first <= 5; ++first) {
    demands[0].ranks = first;
    demands[1].ranks = 5 - first;
    int moves = 0;
    for (bool moved = true; moved && moves < 20;) {
      moved = false;
      for (int from = 0; from < 2; ++from) {
        if (demands[static_cast<std::size_t>(from)].ranks == 0) continue;
        const int to = better(demands, from, 0.5);
        if (to < 0) continue;
        --demands[static_cast<std::size_t>(from)].ranks;
        ++demands[static_cast<std::size_t>(to)].ranks;
        ++moves;
        moved = true;
      }
    }
    CHECK(moves <= 5);
    CHECK(demands[1].ranks >= 3);
  }
  // A queue that runs empty, and one that is full.
  demands[0] = {100, 1, 1, 1, 0, 1};
  demands[1] = {1, 8, 0.5, 0.02, 0.5, 4};
  CHECK(better(demands, 1, 1) == 0);
  // Nobody has work.
  demands[0].doable = demands[1].doable = 0;
  CHECK(neediest(demands) == -1);
  CHECK(better(demands, 1, 1) == -1);
}

TEST_CASE("a full queue stops the stage before it")
{
  auto settings = three_stages();
  Ledger ledger{settings, 1};
  Flow flow{settings, {}, ledger};
  CHECK(flow.doable(0) == 10);
  CHECK(flow.doable(1) == 0);
  // What is under way has its place kept.
  const auto first = flow.take(0, 4, 0);
  CHECK(first.size() == 4);
  CHECK(flow.doable(0) == 6);
  CHECK(flow.take(0, 100, 0).size() == 6);
  CHECK(flow.doable(0) == 0);
  for (std::int64_t c = 0; c < 10; ++c) flow.result(0, c, 1, {}, 0, 0);
  CHECK(flow.doable(0) == 0);
  CHECK(flow.doable(1) == 10);
  CHECK(flow.before(1) == 1);
  CHECK(flow.take(1, 1, 0) == std::vector<std::int64_t>{0});
  CHECK(flow.doable(0) == 1);
  CHECK(ledger.report.stages[1].longest == 10);
}

TEST_CASE("the best that wait are taken first, and those held back at the end")
{
  auto settings = three_stages();
  settings.candidates = 200;
  settings.budget = 40;
  settings.stage[1].promote.kind = PromoteSettings::Kind::score;
  settings.stage[1].reconsider = 1;
  Ledger ledger{settings, 1};
  Flow flow{settings, {}, ledger};
  std::vector<std::int64_t> finished;
  for (int turn = 0; !flow.over() && turn < 1000; ++turn)
    for (int stage = 0; stage < 3; ++stage)
      for (const auto c : flow.take(stage, 3, turn)) {
        CHECK(flow.way(c).scores.size() == static_cast<std::size_t>(stage));
        flow.result(stage, c, static_cast<double>((7 * c) % 200), {}, 0, turn);
      }
  CHECK(flow.over());
  flow.close(1000);
  const auto& report = ledger.report;
  CHECK(report.finished.size() == 40);
  CHECK(report.stages[0].entered == 200);
  for (const auto& stage : report.stages)
    CHECK(stage.entered == stage.promoted + stage.rejected + stage.failed);
  // Most of the twenty best are among them but for what went before there was a threshold.
  int best = 0;
  for (const auto c : report.finished) best += (7 * c) % 200 >= 180 ? 1 : 0;
  CHECK(best >= 14);
}

TEST_CASE("a rank that has work is not kept waiting where few are left")
{
  const Settings settings = three_stages();
  Ledger ledger{settings, 6};
  Flow flow{settings, {}, ledger};
  Dealer dealer{settings, 6, flow, ledger};
  REQUIRE(dealer.stages() == std::vector<int>{0, 0, 1, 1, 2, 2});
  for (const auto c : flow.take(0, 1, 0)) flow.result(0, c, 0.5, {}, 0, 0);
  REQUIRE(flow.doable(1) == 1);
  // Two ranks, one candidate: who has none yet takes it.
  CHECK(dealer.choose(2, 1, 0) == 0);
  CHECK(dealer.choose(3, 0, 0) == 1);
}

TEST_CASE("who worked when is as the ranks have it, not as it was heard of")
{
  const Settings settings = three_stages();
  Ledger ledger{settings, 2};
  // The second second of work, and one with a wait before it, are heard of late.
  ledger.worked({0, 2, 2, 1, 1.0, 7.0}, 1.0);
  ledger.worked({1, 0, 0, 1, 1.0, 7.0}, 1.0);
  ledger.worked({0, 2, 2, 1, 1.0, 0.0}, 2.5);
  ledger.worked({1, 0, 0, 1, 0.5, 0.5}, 2.75);
  ledger.used_up(2.0);
  ledger.close(std::vector<int>{0, 0}, 3.0);
  CHECK(ledger.report.busy_fraction == doctest::Approx(3.5 / 4));
  CHECK(ledger.report.stages[2].busy == doctest::Approx(2));
  // What was waited before the run began is left out.
  CHECK(ledger.report.stages[2].idle == doctest::Approx(0));
  CHECK(ledger.report.stages[0].idle == doctest::Approx(0.5 + 0.5 + 0.25));
}

TEST_CASE("reports come back from numbers, and several are one")
{
  PipelineReport report;
  report.stages.resize(2);
  report.stages[0] = {"a", 5, 3, 1, 1, 0.5, 0.25, 0.1, 2, 0, 3, 4, 1.5};
  report.stages[1] = {"b", 3, 2, 0, 1, 1.5, 0.75, 0.5, 1, 1, 2, 2, 0.5};
  report.finished = {4, 2};
  report.results = {0.5, 7, 0.25, 8};
  report.times = {1, 3};
  report.costs = {0.5, 2};
  report.wall = 4;
  report.versions = 3;
  report.last_error = 0.125;
  const auto same = unpack(pack(report), {"a", "b"});
  CHECK(pack(same) == pack(report));
  CHECK(same.stages[1].name == "b");
  CHECK(same.stages[1].mean_queue == 0.5);
  CHECK_THROWS_AS(unpack(std::vector<double>{3, 1, 2}, {"a"}), Error);
  auto other = report;
  other.finished = {7, 9};
  other.times = {2, 5};
  const auto both = join({report, other});
  CHECK(both.finished == std::vector<std::int64_t>{4, 7, 2, 9});
  CHECK(both.times == std::vector<double>{1, 2, 3, 5});
  CHECK(both.costs == std::vector<double>{0.5, 1, 2.5, 4});
  CHECK(both.results == std::vector<double>{0.5, 7, 0.5, 7, 0.25, 8, 0.25, 8});
  CHECK(both.stages[0].entered == 10);
  CHECK(both.wall == 4);
}
