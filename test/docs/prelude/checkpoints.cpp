// What stands around a simulation that can go on from a checkpoint.
#include <cardan/run.hpp>
#include <cardan/session.hpp>

#include <cstdint>
#include <vector>

void initialise(std::vector<double>& u, double& time);
void advance(cardan::Session& session, std::vector<double>& u, double& time);
void simulate(cardan::Session& session, const cardan::Box& box);

void simulate(cardan::Session& session, const cardan::Box& box)
{
  // The block.
}
