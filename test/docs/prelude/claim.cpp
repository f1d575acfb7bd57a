// What stands around a claim.
#include <cardan/channel.hpp>

void compute(std::span<double> u);
void produce(cardan::Channel& channel, std::int64_t step);

void produce(cardan::Channel& channel, std::int64_t step)
{
  // The block.
}
