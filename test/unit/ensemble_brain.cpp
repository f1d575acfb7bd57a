// The brain by hand: rounds, turns, and members that fail, end or leave.
#include "couplers/ensemble/verdict.hpp"
#include "support/brain.hpp"
#include "support/splitmix.hpp"

#include <cardan/error.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

using namespace cardan::test;
using cardan::Random;
using cardan::ensemble::FrameKind;
using Action = cardan::MemberDecision::Action;

namespace {

const Sent& of(const std::vector<Sent>& sent, int member)
{
  const auto found =
      std::find_if(sent.begin(), sent.end(), [&](const Sent& one) { return one.member == member; });
  REQUIRE(found != sent.end());
  return *found;
}

std::int64_t count(const std::vector<Sent>& sent, Action action)
{
  return std::count_if(sent.begin(), sent.end(),
                       [&](const Sent& one) { return one.action == action; });
}

/// Random walks on a line that follow what they are told; all that was sent, in order.
std::vector<Sent> walk(int ranks, const std::string& text, bool backwards)
{
  Bench bench(text, {1, 2}, ranks);
  const int members = bench.settings.members;
  std::vector<double> at(static_cast<std::size_t>(members));
  std::vector<double> weight(at.size(), 1.0 / members);
  Random random(3);
  std::vector<Sent> all;
  for (std::int64_t segment = 1; segment <= 30; ++segment) {
    for (auto& x : at) x += random.uniform() - 0.5;
    for (int i = 0; i < members; ++i) {
      const int member = backwards ? members - 1 - i : i;
      const auto m = static_cast<std::size_t>(member);
      Bench::Told told{member, segment, {at[m]}, {at[m], static_cast<double>(segment)}};
      told.objective = at[m] * at[m];
      told.weight = weight[m];
      bench.tell(told);
    }
    for (const Sent& one : bench.taken()) {
      all.push_back(one);
      const auto m = static_cast<std::size_t>(one.member);
      if (one.action == Action::restart) at[m] = one.state[0];
      if (one.action == Action::reseed) at[m] = 0;
      weight[m] = one.weight;
    }
  }
  return all;
}

}  // namespace

TEST_CASE("a round ends with the last frame, and every member hears of it")
{
  Bench bench("members = 4\nbarrier = true\n", {1, 1}, 2);
  for (int member = 0; member < 3; ++member)
    bench.tell({member, 1, {0.01 * member}, {100.0 + member}});
  CHECK(bench.outbox.all.empty());
  bench.tell({3, 1, {5.0}, {103.0}});
  const auto sent = bench.taken();
  REQUIRE(sent.size() == 4);
  for (int member = 0; member < 4; ++member) {
    CHECK(sent[static_cast<std::size_t>(member)].member == member);
    CHECK(of(sent, member).to == member / 2);
    CHECK(of(sent, member).step == 1);
    CHECK(of(sent, member).clock == 1000 + member);
  }
  // Half of them at most; the first goes to where member 3 is.
  CHECK(count(sent, Action::restart) >= 1);
  CHECK(count(sent, Action::restart) <= 2);
  const auto first = std::find_if(sent.begin(), sent.end(), [](const Sent& one) {
    return one.action == Action::restart && one.from_member == 3;
  });
  REQUIRE(first != sent.end());
  CHECK(first->state[0] == 103);
  CHECK(first->from_segment == 1);
  CHECK(first->reason == "novelty 4.98, rank 1 of 2");
  CHECK(of(sent, 3).action == Action::go_on);
}

TEST_CASE("rounds are the same for any order of frames and any number of ranks")
{
  for (const std::string mode :
       {"novelty", "random", "none", "resample", "swarm", "novelty\"\nscore = \"lof",
        "novelty\"\nscore = \"density\"\nscale = \"deviation"}) {
    CAPTURE(mode);
    const std::string text = "members = 6\nbarrier = true\nwindow = 50\nmode = \"" + mode +
                             "\"\nswarm = { patience = 2 }\n";
    auto one = walk(1, text, false);
    auto other = walk(3, text, true);
    REQUIRE(one.size() == 6 * 30);
    REQUIRE(other.size() == one.size());
    for (std::size_t i = 0; i < one.size(); ++i) other[i].to = one[i].to;
    CHECK(one == other);
    if (mode != "none") CHECK(count(one, Action::restart) > 10);
    if (mode == "none") CHECK(count(one, Action::go_on) == 6 * 30);
    if (mode == "swarm") CHECK(count(one, Action::reseed) > 2);
  }
}

TEST_CASE("novelty takes walkers farther than chance does")
{
  const auto reach = [](const std::vector<Sent>& sent) {
    double farthest = 0;
    for (const Sent& one : sent)
      if (one.action == Action::restart) farthest = std::max(farthest, std::abs(one.state[0]));
    return farthest;
  };
  const auto text = [](const std::string& mode) {
    return "members = 6\nbarrier = true\nwindow = 200\nmode = \"" + mode + "\"\n";
  };
  CHECK(reach(walk(1, text("novelty"), false)) > 1.5 * reach(walk(1, text("random"), false)));
}

TEST_CASE("with resampling the sum of weights stays")
{
  const auto sent = walk(1,
                         "members = 6\nbarrier = true\nmode = \"resample\"\n"
                         "resample = { bins = [8], lower = [-2], upper = [2] }\n",
                         false);
  for (std::size_t round = 0; round < 30; ++round) {
    double sum = 0;
    for (std::size_t i = 0; i < 6; ++i) sum += sent[6 * round + i].weight;
    CHECK(sum == doctest::Approx(1).epsilon(1e-12));
  }
}

TEST_CASE("a member that fails is replaced, and stopped when it fails too often")
{
  for (const bool barrier : {false, true}) {
    CAPTURE(barrier);
    Bench bench("members = 2\nfailures = 2\nrestarts = 0\nbarrier = " +
                    std::string(barrier ? "true" : "false") + "\n",
                {1, 1}, 2);
    const auto round = [&](std::int64_t segment, FrameKind kind) {
      if (bench.outbox.all.empty())
        bench.tell(
            {0, segment, {static_cast<double>(segment)}, {10.0 * static_cast<double>(segment)}});
      Bench::Told told{1, segment, {0}, {0}};
      told.kind = kind;
      bench.tell(told);
      return bench.taken();
    };
    // Nothing to go on from but the other's frame.
    auto sent = round(1, FrameKind::failed);
    CHECK(of(sent, 1).action == Action::restart);
    CHECK(of(sent, 1).from_member == 0);
    CHECK(of(sent, 1).state[0] == 10);
    CHECK(of(sent, 1).reason.find("not a number; ") == 0);
    sent = round(2, FrameKind::failed);
    CHECK(of(sent, 1).action == Action::restart);
    sent = round(3, FrameKind::failed);
    CHECK(of(sent, 1).action == Action::stop);
    CHECK(of(sent, 1).reason == "failed too often");
    // The rounds go on without it.
    bench.tell({0, 4, {4}, {40}});
    CHECK(bench.taken().size() == (barrier ? 1 : 0));
  }
}

TEST_CASE("a failure without any frame begins anew; what is not finite is a failure")
{
  Bench bench("members = 1\n", {1, 1}, 1);
  bench.tell({0, 1, {std::numeric_limits<double>::quiet_NaN()}, {0}});
  const auto sent = bench.taken();
  REQUIRE(sent.size() == 1);
  CHECK(sent[0].action == Action::reseed);
  CHECK(sent[0].seed >= 0);
}

TEST_CASE("a member that ends is revived elsewhere, or counted out")
{
  for (const bool revive : {true, false})
    for (const bool barrier : {true, false}) {
      CAPTURE(revive);
      CAPTURE(barrier);
      Bench bench("members = 3\nrestarts = 0\nrevive = " + std::string(revive ? "true" : "false") +
                      "\nbarrier = " + (barrier ? "true\n" : "false\n"),
                  {1, 1}, 1);
      bench.tell({0, 1, {0}, {0}});
      bench.tell({1, 1, {1}, {1}});
      Bench::Told told{2, 1, {9}, {9}};
      told.kind = FrameKind::ended;
      bench.tell(told);
      const auto sent = bench.taken();
      CHECK(sent.size() == (barrier ? 3 : 1));
      // Never from the frame where it ended.
      CHECK(of(sent, 2).action == (revive ? Action::restart : Action::go_on));
      if (revive) CHECK(of(sent, 2).from_member != 2);
      if (!barrier) continue;
      bench.tell({0, 2, {0.5}, {0}});
      bench.tell({1, 2, {1.5}, {1}});
      CHECK(bench.taken().size() == (revive ? 0 : 2));
    }
}

TEST_CASE("without rounds only those that are sent elsewhere hear of it")
{
  Bench bench("members = 4\nevery = 2\n", {1, 1}, 4);
  for (std::int64_t segment = 1; segment <= 2; ++segment)
    for (int member = 0; member < 4; ++member) {
      CHECK(bench.outbox.all.empty());
      const double x = member == 3 ? 5.0 * static_cast<double>(segment) : 0.01 * member;
      bench.tell({member, segment, {x}, {x}});
    }
  const auto sent = bench.taken();
  CHECK(count(sent, Action::restart) == static_cast<std::int64_t>(sent.size()));
  REQUIRE(sent.size() == 2);
  CHECK(sent[0].member != 3);
  CHECK(sent[0].from_member == 3);
  CHECK(sent[0].step == 2);
}

TEST_CASE("a novel frame that was overwritten is passed over")
{
  Bench bench("members = 2\nwindow = 6\nevery = 3\nrestarts = 0.5\n", {1, 1}, 2);
  // Frames 0 to 5 are scored; what is beyond the choice is kept for members that fail.
  for (std::int64_t segment = 1; segment <= 3; ++segment)
    for (int member = 0; member < 2; ++member) {
      const double x = std::pow(3.0, static_cast<double>(2 * segment + member));
      bench.tell({member, segment, {x}, {x}});
    }
  CHECK(bench.taken().size() == 1);
  // Four more take the place of the first four, before any is scored.
  for (std::int64_t segment = 4; segment <= 5; ++segment)
    for (int member = 0; member < 2; ++member) bench.tell({member, segment, {1}, {1}});
  CHECK(bench.taken().empty());
  Bench::Told failed{1, 6, {0}, {0}};
  failed.kind = FrameKind::failed;
  bench.tell(failed);
  const auto sent = bench.taken();
  REQUIRE(!sent.empty());
  CHECK(sent[0].action == Action::restart);
  // Its state is one that is still there.
  CHECK((sent[0].state[0] == 1 || sent[0].state[0] == std::pow(3.0, 6) ||
         sent[0].state[0] == std::pow(3.0, 7)));
}

TEST_CASE("how often a novel frame was gone is counted")
{
  const cardan::Config file = cardan::Config::from_text(
      "[ensemble.water]\nmembers = 1\nwindow = 4\nrestarts = 0\n", "run.toml");
  cardan::ensemble::Mind mind(file, cardan::ensemble::read_ensemble(file, "water"), {1, 1}, {});
  cardan::ensemble::Arrived frame;
  frame.state = {0};
  for (std::int64_t segment = 1; segment <= 6; ++segment) {
    frame.segment = segment;
    frame.descriptor = {static_cast<double>(segment)};
    mind.take(frame);
  }
  // The first two are gone.
  mind.spare = {1, 0, 3};
  frame.kind = FrameKind::failed;
  mind.take(frame);
  const std::vector<int> asked{0};
  const auto verdicts = cardan::ensemble::decide(mind, asked);
  CHECK(mind.overwritten == 2);
  CHECK(verdicts[0].action == Action::restart);
  CHECK(verdicts[0].from_segment == 4);
  CHECK(mind.spare.empty());
}

TEST_CASE("members of a rank that left are not waited for")
{
  Bench bench("members = 4\nbarrier = true\n", {1, 1}, 2);
  bench.tell({0, 1, {0}, {0}});
  bench.tell({1, 1, {1}, {1}});
  bench.tell({2, 1, {2}, {2}});
  CHECK(bench.outbox.all.empty());
  bench.brain->left(1, bench.outbox);
  auto sent = bench.taken();
  CHECK(sent.size() == 2);
  for (const Sent& one : sent) CHECK(one.to == 0);
  bench.tell({0, 2, {0.1}, {0}});
  bench.tell({1, 2, {1.1}, {1}});
  CHECK(bench.taken().size() == 2);
  bench.brain->left(0, bench.outbox);
  bench.brain->end();
  CHECK(bench.taken().empty());
}

TEST_CASE("a member on several ranks is one frame, and each rank gets its part")
{
  Bench bench("members = 2\nranks_per_member = 2\nbarrier = true\n", {1, 2}, 4);
  const auto tell = [&](int member, int part, double x) {
    Bench::Told told{member, 1, {x}, {10.0 * member + part, x}};
    told.part = part;
    if (part > 0) told.descriptor = {777};
    bench.tell(told);
  };
  tell(0, 1, 0);
  tell(0, 0, 0);
  tell(1, 0, 3);
  CHECK(bench.outbox.all.empty());
  Bench::Told failed{0, 2, {0}, {0}};
  tell(1, 1, 3);
  auto sent = bench.taken();
  // Both frames are as far from each other: no one is sent away.
  CHECK(sent.size() == 2);
  CHECK(count(sent, Action::go_on) == 2);
  failed.kind = FrameKind::failed;
  bench.tell(failed);
  failed.part = 1;
  bench.tell(failed);
  Bench::Told fine{1, 2, {4}, {11, 4}};
  bench.tell(fine);
  fine.part = 1;
  bench.tell(fine);
  sent = bench.taken();
  REQUIRE(sent.size() == 3);
  CHECK(sent[0].to == 0);
  CHECK(sent[1].to == 1);
  CHECK(sent[0].action == Action::restart);
  CHECK(sent[1].state[0] == sent[0].state[0] + (sent[0].from_segment == 2 ? 0 : 1));
  CHECK(sent[0].seed == sent[1].seed);
}

TEST_CASE("members with weights wait for one another")
{
  try {
    Bench("members = 2\nmode = \"resample\"\n", {1, 1}, 1);
    FAIL("nothing was thrown");
  } catch (const cardan::Error& error) {
    CHECK(std::string(error.what()).find("run.toml:3: mode") == 0);
    CHECK(std::string(error.what()).find("Set barrier = true") != std::string::npos);
  }
}

TEST_CASE("bins that the space does not have are an error with its line")
{
  try {
    Bench("members = 2\nbarrier = true\nmode = \"resample\"\nresample = { bins = [2, 2] }\n",
          {1, 1}, 1);
    FAIL("nothing was thrown");
  } catch (const cardan::Error& error) {
    CHECK(std::string(error.what()).find("run.toml:5: bins") == 0);
  }
}
