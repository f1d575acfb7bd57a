// What stands around a steered walker.
#include <cardan/cardan.hpp>

#include <vector>

void advance(std::vector<double>& state, const std::vector<double>& centre, double height);
void walk(cardan::Session& session, std::vector<double>& state);

void walk(cardan::Session& session, std::vector<double>& state)
{
  std::vector<double> centre(2);
  double height = 0;
  // The block.
}
