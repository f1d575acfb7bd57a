/// Overdamped Langevin dynamics (Brownian motion in a potential) with mobility 1.
#pragma once

#include "random.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace steer {

/// x' = x + dt F(x) + sqrt(2 kT dt) (R_n + R_n+1) / 2, the limit of BAOAB for large friction
/// (Leimkuhler and Matthews, Appl. Math. Res. Express 2013, 34): averages of second order in dt.
template <typename Potential>
class Overdamped {
 public:
  using Vector = typename Potential::Vector;

  Overdamped(const Potential& potential, double temperature, double dt)
      : potential_(potential), dt_(dt), noise_(std::sqrt(2 * temperature * dt) / 2)
  {}

  /// Draws the noise that the first step shares with the one before.
  void start(const Vector& positions, Random& random)
  {
    x_ = positions;
    for (double& each : last_) each = random.gaussian();
  }

  void advance(std::int64_t steps, Random& random)
  {
    for (; steps > 0; --steps) {
      Vector force;
      potential_.evaluate(x_, force);
      for (std::size_t i = 0; i < Potential::size; ++i) {
        const double next = random.gaussian();
        x_[i] += dt_ * force[i] + noise_ * (last_[i] + next);
        last_[i] = next;
      }
    }
  }

  [[nodiscard]] const Vector& positions() const { return x_; }
  /// The positions with the other half of the last noise: a path with Brownian increments, on which
  /// crossings can be counted.
  [[nodiscard]] Vector path() const
  {
    Vector y = x_;
    for (std::size_t i = 0; i < Potential::size; ++i) y[i] += noise_ * last_[i];
    return y;
  }
  [[nodiscard]] const Potential& potential() const { return potential_; }

 private:
  Potential potential_;
  double dt_;
  double noise_;
  Vector x_{};
  Vector last_{};
};

}  // namespace steer
