// Weighted ensembles: what stays, and that averages have no bias.
#include "couplers/ensemble/resampling.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <vector>

using namespace cardan::ensemble;
using cardan::Random;

TEST_CASE("bins cover the space, with its outside")
{
  const Bins bins{{4, 2}, {0, -1}, {1, 1}};
  const auto of = [&](double x, double y) { return bins.of(std::vector<double>{x, y, 77}); };
  CHECK(of(0, -1) == 0);
  CHECK(of(0.3, 0.5) == 3);
  CHECK(of(-9, -9) == 0);
  CHECK(of(9, 9) == 7);
  CHECK(of(1, 0.999) == 7);
  CHECK(Bins{{3}, {2}, {2}}.of(std::vector<double>{2}) == 0);
}

TEST_CASE("the number of members and the sum of weights stay, bins have equal shares")
{
  Random random(1);
  for (int trial = 0; trial < 200; ++trial) {
    const std::size_t count = 1 + random.below(20);
    std::vector<Walker> walkers(count);
    double sum = 0;
    std::map<std::size_t, std::size_t> before;
    for (auto& walker : walkers) {
      walker = {random.uniform() + 1e-6, random.below(5)};
      sum += walker.weight;
      ++before[walker.bin];
    }
    const auto after = resample(walkers, random);
    REQUIRE(after.size() == count);
    double still = 0;
    std::map<std::size_t, std::size_t> members;
    std::vector<char> used(count, 0);
    for (std::size_t i = 0; i < count; ++i) {
      still += after[i].weight;
      ++members[walkers[after[i].parent].bin];
      used[after[i].parent] = 1;
    }
    CHECK(still == doctest::Approx(sum).epsilon(1e-12));
    CHECK(members.size() == before.size());
    for (const auto& [bin, has] : members) {
      CHECK(has >= count / before.size());
      CHECK(has <= count / before.size() + 1);
    }
    // Who has a descendant keeps its own place.
    for (std::size_t i = 0; i < count; ++i)
      if (used[i] != 0) CHECK(after[i].parent == i);
  }
}

TEST_CASE("the heaviest is split, the lightest are merged")
{
  Random random(3);
  const std::vector<Walker> walkers{{0.6, 0}, {0.2, 1}, {0.1, 1}, {0.1, 1}};
  const auto after = resample(walkers, random);
  CHECK(after[0].parent == 0);
  CHECK(after[0].weight == doctest::Approx(0.3));
  CHECK(after[1].parent == 1);
  CHECK(after[1].weight == doctest::Approx(0.2));
  CHECK(std::max(after[2].weight, after[3].weight) == doctest::Approx(0.3));
  CHECK(std::min(after[2].weight, after[3].weight) == doctest::Approx(0.2));
}

// That is what keeps averages unbiased: in the mean, a walker's descendants have its weight.
TEST_CASE("a walker's descendants have its weight in the mean")
{
  Random random(5);
  const std::vector<Walker> walkers{{0.4, 0}, {0.17, 0}, {0.08, 0}, {0.05, 0}, {0.2, 1}, {0.1, 2}};
  std::vector<double> sums(walkers.size());
  std::vector<double> squares(walkers.size());
  constexpr int trials = 20000;
  for (int trial = 0; trial < trials; ++trial) {
    std::vector<double> weights(walkers.size());
    for (const auto& one : resample(walkers, random)) weights[one.parent] += one.weight;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      sums[i] += weights[i];
      squares[i] += weights[i] * weights[i];
    }
  }
  for (std::size_t i = 0; i < walkers.size(); ++i) {
    const double mean = sums[i] / trials;
    const double deviation = std::sqrt(std::max(0.0, squares[i] / trials - mean * mean));
    CAPTURE(i);
    CHECK(std::abs(mean - walkers[i].weight) <= 4 * deviation / std::sqrt(trials) + 1e-9);
  }
}

// A chain of six states that drifts to the left: its stationary distribution falls by a factor of
// four from one state to the next, so that the last has about one in a thousand. With one bin for
// two states (so that it matters who is merged with whom) the weighted average over many rounds
// must be that distribution, also where walkers without weights would hardly ever be.
TEST_CASE("a Markov chain keeps its stationary distribution")
{
  constexpr std::size_t states = 6;
  constexpr double right = 0.1;
  constexpr double left = 0.4;
  std::array<double, states> exact{};
  double norm = 0;
  for (std::size_t s = 0; s < states; ++s) norm += exact[s] = std::pow(right / left, s);
  for (auto& p : exact) p /= norm;

  constexpr int runs = 120;
  std::array<std::vector<double>, states> means;
  std::array<double, states> plain{};
  for (int run = 0; run < runs; ++run) {
    Random random(1000 + static_cast<std::uint64_t>(run));
    constexpr std::size_t count = 24;
    std::vector<std::size_t> at(count, 0);
    std::vector<Walker> walkers(count, {1.0 / count, 0});
    std::array<double, states> sums{};
    constexpr int rounds = 1500;
    constexpr int discarded = 300;
    for (int round = 0; round < rounds; ++round) {
      for (std::size_t i = 0; i < count; ++i) {
        const double drawn = random.uniform();
        if (drawn < right && at[i] + 1 < states)
          ++at[i];
        else if (drawn >= right && drawn < right + left && at[i] > 0)
          --at[i];
        walkers[i].bin = at[i] / 2;
        if (round >= discarded) sums[at[i]] += walkers[i].weight;
        if (round >= discarded) plain[at[i]] += 1.0 / count;
      }
      const auto next = resample(walkers, random);
      const auto old = at;
      for (std::size_t i = 0; i < count; ++i) {
        at[i] = old[next[i].parent];
        walkers[i].weight = next[i].weight;
      }
    }
    for (std::size_t s = 0; s < states; ++s) means[s].push_back(sums[s] / (rounds - discarded));
  }
  for (std::size_t s = 0; s < states; ++s) {
    double mean = 0;
    double squares = 0;
    for (const double one : means[s]) mean += one / runs;
    for (const double one : means[s]) squares += (one - mean) * (one - mean);
    const double error = std::sqrt(squares / (runs - 1) / runs);
    CAPTURE(s);
    CHECK(std::abs(mean - exact[s]) < 4 * error);
    // It says something: the error is a small share of the value.
    CHECK(error < 0.1 * exact[s]);
  }
  // Members without their weights are elsewhere: the rare state has its share of them.
  CHECK(plain[5] / (runs * 1200.0) > 10 * exact[5]);
}
