#include "benchmark.hpp"

namespace invert {

std::vector<double> true_stiffness()
{
  std::vector<double> a(64, 1.0);
  for (const std::size_t block : {9U, 10U, 17U, 18U}) a[block] = 0.1;
  for (const std::size_t block : {45U, 46U, 53U, 54U}) a[block] = 10;
  return a;
}

std::vector<double> regenerated_data(int cells)
{
  Mesh mesh;
  mesh.cells = cells;
  std::vector<double> measured(mesh.measurements());
  Membrane{mesh}.solve(true_stiffness(), measured);
  return measured;
}

double log_likelihood(std::span<const double> measured, std::span<const double> data,
                      double deviation)
{
  double sum = 0;
  for (std::size_t i = 0; i < data.size(); ++i)
    sum += (measured[i] - data[i]) * (measured[i] - data[i]);
  return -sum / (2 * deviation * deviation);
}

}  // namespace invert
