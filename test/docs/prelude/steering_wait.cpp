// What stands around a wait for a decision.
#include <cardan/cardan.hpp>

#include <iostream>
#include <vector>

void wait_for_it(cardan::Steering& bias, std::vector<double>& centre, double& height);

void wait_for_it(cardan::Steering& bias, std::vector<double>& centre, double& height)
{
  // The block.
}
