// Random channels: whatever boxes, memory, order, policy and transport fall together, every element
// of every arrival is the one that was put. CARDAN_TEST_SEED starts other cases, CARDAN_TEST_CASE
// runs a single one, CARDAN_TEST_CASES says how many.
#include "support/batch_run.hpp"
#include "support/box_run.hpp"
#include "support/world.hpp"

#include <doctest/doctest.h>

#include <string>

namespace {

/// Calls `run(random, number)` for every case; the same choices on all ranks.
template <class Run>
void for_each_case(std::int64_t count, std::int64_t kind, Run&& run)
{
  const std::int64_t seed = test::environment("CARDAN_TEST_SEED", 1);
  const std::int64_t only = test::environment("CARDAN_TEST_CASE", -1);
  const std::int64_t cases = test::environment("CARDAN_TEST_CASES", count);
  for (std::int64_t number = 0; number < cases; ++number) {
    if (only >= 0 && number != only) continue;
    CAPTURE(seed);
    CAPTURE(number);
    test::Random random{seed, kind, test::world_size(), number};
    run(random, number);
  }
}

/// More ranks take longer: from 1 to 10 ranks a thousand cases in all.
std::int64_t share(std::int64_t of_few, std::int64_t of_some, std::int64_t of_many)
{
  const int ranks = test::world_size();
  return ranks <= 3 ? of_few : ranks <= 6 ? of_some : of_many;
}

}  // namespace

TEST_CASE("boxes arrive whole and in order, element by element, whatever they were cut from")
{
  for_each_case(share(220, 120, 80), 0, [](test::Random& random, std::int64_t number) {
    const test::BoxCase drawn = test::draw_box_case(random, number, test::world_size());
    INFO(test::describe(drawn));
    test::BoxRun(drawn).run();
  });
}

TEST_CASE("samples of batches arrive once, whole, and in the order of their producer")
{
  for_each_case(share(80, 40, 30), 1, [](test::Random& random, std::int64_t number) {
    const test::BatchCase drawn = test::draw_batch_case(random, number, test::world_size());
    INFO(test::describe(drawn));
    test::BatchRun(drawn).run();
  });
}
