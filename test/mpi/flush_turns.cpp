// Ranks that do not wait for each other, and flush together now and then.
#include "couplers/ensemble/flush_turns.hpp"
#include "support/jitter.hpp"
#include "support/random.hpp"
#include "support/world.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <thread>

using cardan::ensemble::FlushTurns;

TEST_CASE("all ranks flush, or none, wherever each of them is")
{
  const test::Jitter jitter{test::world_rank()};
  for (int round = 0; round < 20; ++round) {
    std::int64_t flushes = 0;
    {
      FlushTurns turns{MPI_COMM_WORLD, 30, [&] {
                         ++flushes;
                         // A flush is collective.
                         std::int64_t same = flushes;
                         MPI_Bcast(&same, 1, MPI_INT64_T, 0, MPI_COMM_WORLD);
                         CHECK(same == flushes);
                       }};
      // Runs of different lengths and numbers; ranks that are out of theirs are never waited for.
      const int runs = 1 + (test::world_rank() + round) % 3;
      for (int run = 0; run < runs; ++run) {
        const int segments = 50 + 37 * ((test::world_rank() * 7 + round + run) % 5);
        for (int segment = 0; segment < segments; ++segment) {
          turns.poll(segment % 11 == 10);
          if (segment % 20 == 0) std::this_thread::sleep_for(std::chrono::microseconds(200));
        }
        turns.leave();
      }
    }
    std::int64_t least = flushes;
    std::int64_t most = flushes;
    MPI_Allreduce(MPI_IN_PLACE, &least, 1, MPI_INT64_T, MPI_MIN, MPI_COMM_WORLD);
    MPI_Allreduce(MPI_IN_PLACE, &most, 1, MPI_INT64_T, MPI_MAX, MPI_COMM_WORLD);
    CHECK(least == most);
  }
}

TEST_CASE("ranks that stay in their run flush again and again")
{
  std::int64_t flushes = 0;
  FlushTurns turns{MPI_COMM_WORLD, 30, [&] {
                     ++flushes;
                     MPI_Barrier(MPI_COMM_WORLD);
                   }};
  const auto begun = std::chrono::steady_clock::now();
  while (flushes < 20) {
    REQUIRE(std::chrono::steady_clock::now() - begun < std::chrono::seconds(50));
    turns.poll(true);
    std::this_thread::yield();
  }
  // Some may be a promise further: that one is kept.
  turns.leave();
  CHECK(flushes >= 20);
}
