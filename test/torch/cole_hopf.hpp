/// Burgers' equation u_t + u u_x = nu u_xx on a line, solved by Cole and Hopf's transformation.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

namespace test {

/// a sin(k pi x + phase), of period 2.
struct Wave {
  double amplitude;
  int k;
  double phase;
};

struct Burgers {
  double viscosity;
  /// u at t = 0, the sum of these.
  std::vector<Wave> start;
};

struct Solution {
  double value;
  double slope;
};

/// u and u_x at x after t > 0. With v = (x - y) / t and the weight exp(-(x - y)^2 / (4 nu t) -
/// U(y) / (2 nu)), where U' = u(., 0): u is the mean of v over y, and u_x = 1 / t - variance(v) /
/// (2 nu). By the trapezium rule, which converges exponentially here.
inline Solution cole_hopf(const Burgers& problem, double x, double t, int points = 4000)
{
  const double nu = problem.viscosity;
  const auto potential = [&](double y) {
    double sum = 0;
    for (const auto& wave : problem.start)
      sum -= wave.amplitude / (wave.k * M_PI) * std::cos(wave.k * M_PI * y + wave.phase);
    return sum;
  };
  double height = 0;
  for (const auto& wave : problem.start) height += 2 * std::abs(wave.amplitude) / (wave.k * M_PI);
  // Beyond this the weight is below exp(-40) of its largest.
  const double reach = std::sqrt(4 * nu * t * (40 + height / (2 * nu)));
  std::vector<double> exponents;
  for (int i = 0; i <= points; ++i) {
    const double offset = reach * (2.0 * i / points - 1);
    exponents.push_back(-offset * offset / (4 * nu * t) - potential(x - offset) / (2 * nu));
  }
  const double largest = *std::max_element(exponents.begin(), exponents.end());
  double total = 0;
  double mean = 0;
  double square = 0;
  for (int i = 0; i <= points; ++i) {
    const double weight = std::exp(exponents[static_cast<std::size_t>(i)] - largest);
    const double v = reach * (2.0 * i / points - 1) / t;
    total += weight;
    mean += weight * v;
    square += weight * v * v;
  }
  mean /= total;
  return {mean, 1 / t - (square / total - mean * mean) / (2 * nu)};
}

}  // namespace test
