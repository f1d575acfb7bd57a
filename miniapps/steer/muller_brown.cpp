#include "muller_brown.hpp"

#include <algorithm>
#include <cmath>

namespace steer {
namespace {

struct Term {
  double height, a, b, c, x, y;
};
constexpr std::array<Term, 4> terms = {{{-200, -1, 0, -10, 1, 0},
                                        {-100, -1, 0, -10, 0, 0.5},
                                        {-170, -6.5, 11, -6.5, -0.5, 1.5},
                                        {15, 0.7, 0.6, 0.7, -1, 1}}};

constexpr double longest = 0.02;   // move of the descent, well below the width of a basin
constexpr double near = 0.05;      // of a minimum: within its basin for sure
constexpr double stiffest = 3000;  // bound of the curvature below some hundred

}  // namespace

double MullerBrown::evaluate(const Vector& x, Vector& force) const
{
  double energy = 0;
  force = {0, 0};
  for (const Term& t : terms) {
    const double dx = x[0] - t.x;
    const double dy = x[1] - t.y;
    const double value = t.height * std::exp(t.a * dx * dx + t.b * dx * dy + t.c * dy * dy);
    energy += value;
    force[0] -= value * (2 * t.a * dx + t.b * dy);
    force[1] -= value * (t.b * dx + 2 * t.c * dy);
  }
  return energy;
}

int MullerBrown::basin(Vector x) const
{
  if (!std::isfinite(x[0]) || !std::isfinite(x[1])) return -1;
  Vector force{};
  for (int step = 0; step < 20000; ++step) {
    for (std::size_t i = 0; i < minima.size(); ++i) {
      if (std::hypot(x[0] - minima[i][0], x[1] - minima[i][1]) < near) return static_cast<int>(i);
    }
    // Heun's rule, so that a path keeps to its side of a ridge; Euler where it is not finite.
    evaluate(x, force);
    const double length = std::hypot(force[0], force[1]);
    if (!std::isfinite(length)) return -1;
    const double h = std::min(0.5 / stiffest, longest / length);
    Vector ahead{};
    evaluate({x[0] + h * force[0], x[1] + h * force[1]}, ahead);
    if (std::hypot(ahead[0], ahead[1]) > 2 * length) ahead = force;
    x[0] += h / 2 * (force[0] + ahead[0]);
    x[1] += h / 2 * (force[1] + ahead[1]);
  }
  return -1;
}

std::array<double, 3> MullerBrown::populations(double kT) const
{
  constexpr int cells = 320;
  constexpr Vector low = {-2.2, -1.0};
  constexpr Vector high = {1.8, 2.6};
  Vector force{};
  const double lowest = evaluate(minima[0], force);
  std::array<double, 3> sum{};
  for (int i = 0; i < cells; ++i) {
    for (int j = 0; j < cells; ++j) {
      const Vector x = {low[0] + (high[0] - low[0]) * (i + 0.5) / cells,
                        low[1] + (high[1] - low[1]) * (j + 0.5) / cells};
      const double weight = std::exp((lowest - evaluate(x, force)) / kT);
      if (weight < 1e-9) continue;
      const int minimum = basin(x);
      if (minimum >= 0) sum[static_cast<std::size_t>(minimum)] += weight;
    }
  }
  const double total = sum[0] + sum[1] + sum[2];
  for (double& each : sum) each /= total;
  return sum;
}

}  // namespace steer
