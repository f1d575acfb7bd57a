#include "cluster.hpp"

#include <cmath>

namespace steer {

// Minima: by quenches, compared with the values below to 1e-4 by steer-check.
const ClusterKind& lj7_kind()
{
  static const ClusterKind kind{
      2.0,
      0.005,
      0.4,
      {{"hexagon", -12.5349}, {"second", -11.5013}, {"third", -11.4769}, {"fourth", -11.4034}}};
  return kind;
}

// Cambridge Cluster Database.
const ClusterKind& lj13_kind()
{
  static const ClusterKind kind{2.5, 0.005, 0.4, {{"icosahedron", -44.326801}}};
  return kind;
}

const ClusterKind& lj38_kind()
{
  static const ClusterKind kind{
      3.0, 0.005, 0.4, {{"truncated octahedron", -173.928427}, {"icosahedral", -173.252378}}};
  return kind;
}

std::vector<double> lj7_populations(double temperature)
{
  if (std::abs(temperature - 0.10) < 1e-9) return {0.9965, 0.0018, 0.0015, 0.0003};
  if (std::abs(temperature - 0.15) < 1e-9) return {0.882, 0.0556, 0.0489, 0.0138};
  return {};
}

}  // namespace steer
