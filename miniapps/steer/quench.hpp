/// Local minimisation: which minimum a frame belongs to.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace steer {

struct QuenchSettings {
  /// Root mean square of the force at which it ends.
  double force = 1e-4;
  /// Longest move of all coordinates together (Euclidean).
  double longest = 0.4;
  int most_evaluations = 3000;
};

template <typename Potential>
struct Minimum {
  typename Potential::Vector x{};
  double energy = 0;
  int evaluations = 0;
  /// False where the evaluations ran out or the energy was not finite.
  bool found = false;
};

/// L-BFGS (Nocedal, Math. Comput. 35, 773, 1980) without a line search: bounded moves, shortened
/// tenfold while the energy rises (as in Wales' GMIN).
template <typename Potential>
Minimum<Potential> quench(const Potential& potential, const typename Potential::Vector& start,
                          const QuenchSettings& settings = {})
{
  using Vector = typename Potential::Vector;
  constexpr std::size_t size = Potential::size;
  constexpr std::size_t memory = 5;
  const auto dot = [](const Vector& a, const Vector& b) {
    double sum = 0;
    for (std::size_t i = 0; i < size; ++i) sum += a[i] * b[i];
    return sum;
  };
  std::array<Vector, memory> moves;
  std::array<Vector, memory> changes;  // of the gradient
  std::array<double, memory> weights;  // 1 / (move . change)
  std::array<double, memory> alpha;
  std::size_t kept = 0;
  std::size_t next = 0;

  Minimum<Potential> at{start};
  Vector force;
  at.energy = potential.evaluate(at.x, force);
  at.evaluations = 1;
  const double enough = settings.force * settings.force * static_cast<double>(size);
  while (std::isfinite(at.energy)) {
    const double square = dot(force, force);
    if (square <= enough) {
      at.found = true;
      break;
    }
    if (at.evaluations >= settings.most_evaluations) break;
    // The two loops: direction = H force.
    Vector direction = force;
    for (std::size_t back = 1; back <= kept; ++back) {
      const std::size_t k = (next + memory - back) % memory;
      alpha[k] = weights[k] * dot(moves[k], direction);
      for (std::size_t i = 0; i < size; ++i) direction[i] -= alpha[k] * changes[k][i];
    }
    double scale = std::min(0.01, 0.1 / std::sqrt(square));
    if (kept > 0) {
      const std::size_t k = (next + memory - 1) % memory;
      scale = 1 / (weights[k] * dot(changes[k], changes[k]));
    }
    for (double& each : direction) each *= scale;
    for (std::size_t back = kept; back >= 1; --back) {
      const std::size_t k = (next + memory - back) % memory;
      const double beta = weights[k] * dot(changes[k], direction);
      for (std::size_t i = 0; i < size; ++i) direction[i] += (alpha[k] - beta) * moves[k][i];
    }
    double factor = std::min(1.0, settings.longest / std::sqrt(dot(direction, direction)));
    if (dot(direction, force) < 0) factor = -factor;

    Vector x;
    Vector new_force;
    double energy = 0;
    bool lower = false;
    for (int attempt = 0; attempt < 6 && !lower; ++attempt, factor /= 10) {
      for (std::size_t i = 0; i < size; ++i) x[i] = at.x[i] + factor * direction[i];
      energy = potential.evaluate(x, new_force);
      ++at.evaluations;
      lower = energy <= at.energy + 1e-10;
    }
    if (!lower) {
      if (kept == 0) break;  // along the force itself: as good as it gets in this precision
      kept = 0;
      continue;
    }
    for (std::size_t i = 0; i < size; ++i) {
      moves[next][i] = x[i] - at.x[i];
      changes[next][i] = force[i] - new_force[i];
    }
    const double curvature = dot(moves[next], changes[next]);
    at.x = x;
    at.energy = energy;
    force = new_force;
    if (curvature == 0) {
      kept = 0;
      continue;
    }
    weights[next] = 1 / curvature;
    next = (next + 1) % memory;
    kept = std::min(kept + 1, memory);
  }
  return at;
}

}  // namespace steer
