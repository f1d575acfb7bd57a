// What stands around an inverse problem.
#include <cardan/cardan.hpp>

#include <cstdio>
#include <span>
#include <vector>

struct Membrane {
  void solve(std::span<const double> log_stiffness, std::span<double> measured);
  void adjoint(std::span<const double> log_stiffness, std::span<const double> weights,
               std::span<double> gradient);
};
void run(cardan::Session& session, Membrane& membrane, const std::vector<double>& measured);

void run(cardan::Session& session, Membrane& membrane, const std::vector<double>& measured)
{
  // The block.
}
