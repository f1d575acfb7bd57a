// What stands around a loop that is kept.
#include <cardan/cardan.hpp>

void initialise(const cardan::Field& state);
void advance(const cardan::Field& state, std::int64_t step);
void run(cardan::Session& session, const cardan::Field& state, const cardan::Box& box,
         std::int64_t count);

void run(cardan::Session& session, const cardan::Field& state, const cardan::Box& box,
         std::int64_t count)
{
  // The block.
}
