// A reservoir in shards: what is drawn is uniform, whole and of the right age, whoever writes.
#include "couplers/reduction/reservoir.hpp"

#include "support/world.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <cmath>
#include <vector>

using cardan::reduction::Reservoir;
using test::sum_over_ranks;
using test::world_rank;
using test::world_size;

TEST_CASE("all samples of all shards are drawn alike")
{
  constexpr std::int64_t capacity = 40;
  Reservoir reservoir{MPI_COMM_WORLD, capacity, 3, 7, true};
  // Shards are not equally full.
  const auto filled = [](int rank) { return capacity - 7 * (rank % 3); };
  for (std::int64_t i = 0; i < filled(world_rank()); ++i) {
    const double id = 1000.0 * world_rank() + static_cast<double>(i);
    const std::vector<double> sample{id, -id, 2 * id};
    reservoir.add(i, sample.data());
  }
  CHECK(reservoir.size() == filled(world_rank()));
  MPI_Barrier(MPI_COMM_WORLD);
  std::vector<std::vector<std::int64_t>> drawn(static_cast<std::size_t>(world_size()));
  std::int64_t all = 0;
  for (int r = 0; r < world_size(); ++r) {
    drawn[static_cast<std::size_t>(r)].assign(static_cast<std::size_t>(filled(r)), 0);
    all += filled(r);
  }
  std::vector<double> sample(3);
  const std::int64_t draws = 200 * all;
  std::int64_t hits = 0;
  std::int64_t age_sum = 0;
  for (std::int64_t d = 0; d < draws; ++d) {
    if (!reservoir.draw(100, sample.data())) continue;
    ++hits;
    REQUIRE(sample[1] == -sample[0]);
    REQUIRE(sample[2] == 2 * sample[0]);
    const auto rank = static_cast<std::size_t>(sample[0] / 1000);
    const auto i = static_cast<std::int64_t>(sample[0]) % 1000;
    ++drawn[rank][static_cast<std::size_t>(i)];
    age_sum += 100 - i;
  }
  const auto& counters = reservoir.counters();
  CHECK(counters.hits() == hits);
  CHECK(counters.misses() == draws - hits);
  CHECK(counters.torn == 0);
  CHECK(counters.age_sum == age_sum);
  CHECK(counters.age_most == 100);
  CHECK((counters.remote_hits > 0) == (world_size() > 1));
  // Pearson's statistic, within four deviations of its mean.
  double statistic = 0;
  const double expected = static_cast<double>(hits) / static_cast<double>(all);
  for (const auto& shard : drawn)
    for (const auto count : shard) {
      const double difference = static_cast<double>(count) - expected;
      statistic += difference * difference / expected;
    }
  const auto freedom = static_cast<double>(all - 1);
  CHECK(std::abs(statistic - freedom) < 4 * std::sqrt(2 * freedom));
  MPI_Barrier(MPI_COMM_WORLD);
}

TEST_CASE("no sample is torn while its owner writes over it all the time")
{
  constexpr std::int64_t numbers = 2000;
  Reservoir reservoir{MPI_COMM_WORLD, 2, numbers, 3, true};
  std::vector<double> sample(static_cast<std::size_t>(numbers));
  std::int64_t step = 0;
  const bool writes = world_rank() % 2 == 1;
  const auto begin = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - begin < std::chrono::milliseconds(400)) {
    if (writes || step < 2) {
      const double value = 1e6 * world_rank() + static_cast<double>(step);
      std::fill(sample.begin(), sample.end(), value);
      reservoir.add(step++, sample.data());
      continue;
    }
    if (!reservoir.draw(0, sample.data())) continue;
    bool whole = true;
    for (const double value : sample) whole = whole && value == sample[0];
    REQUIRE(whole);
  }
  MPI_Barrier(MPI_COMM_WORLD);
  if (world_size() > 1) CHECK(sum_over_ranks(reservoir.counters().remote_hits) > 0);
}

TEST_CASE("samples age, and the newer are the likelier")
{
  Reservoir reservoir{MPI_COMM_WORLD, 64, 1, 11, true};
  for (std::int64_t step = 0; step < 640; ++step) {
    const auto number = static_cast<double>(step);
    reservoir.add(step, &number);
  }
  CHECK(reservoir.counters().added == 640);
  CHECK(reservoir.counters().overwritten == 640 - 64);
  MPI_Barrier(MPI_COMM_WORLD);
  std::int64_t age = 0;
  double number = 0;
  for (int d = 0; d < 4000; ++d) {
    REQUIRE(reservoir.draw(639, &number));
    age += 639 - static_cast<std::int64_t>(number);
  }
  CHECK(reservoir.counters().age_sum == age);
  // A slot is left alone for as many steps as there are slots, on average.
  const double mean = static_cast<double>(age) / 4000;
  CHECK(mean > 32);
  CHECK(mean < 128);
  MPI_Barrier(MPI_COMM_WORLD);
}

TEST_CASE("where windows do not work each rank has its own")
{
  Reservoir reservoir{MPI_COMM_WORLD, 4, 1, 5, false};
  const double mine = world_rank();
  double number = -1;
  CHECK_FALSE(reservoir.draw(0, &number));
  for (int i = 0; i < 4; ++i) reservoir.add(0, &mine);
  for (int i = 0; i < 20; ++i) {
    REQUIRE(reservoir.draw(0, &number));
    CHECK(number == mine);
  }
  CHECK(reservoir.counters().empty == 1);
  CHECK(reservoir.counters().local_hits == 20);
}
