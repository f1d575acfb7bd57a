// What stands around a coarse model.
#include <cardan/cardan.hpp>

#include <memory>
#include <span>

struct Membrane {
  explicit Membrane(int cells);
  void solve(std::span<const double> log_stiffness, std::span<double> measured);
};
void run();

void run()
{
  // The block.
}
