// What stands around an ensemble.
#include <cardan/cardan.hpp>

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

struct Particle {
  std::vector<double> x;
  void integrate(int steps);
  void fill(std::span<double> descriptor) const;
  void draw_from(std::uint64_t seed);
  static Particle at_random(std::uint64_t seed);
};
constexpr int steps = 100;
constexpr double dt = 0.005;
void explore(cardan::Session& session, std::vector<Particle>& particles);

void explore(cardan::Session& session, std::vector<Particle>& particles)
{
  // The block.
}
