/// Langevin dynamics of unit masses.
#pragma once

#include "random.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>

namespace steer {

/// BAOAB (Leimkuhler and Matthews, Appl. Math. Res. Express 2013, 34): half a kick, half a drift,
/// friction and noise exactly, half a drift, half a kick; one force a step. Without friction it is
/// velocity Verlet.
template <typename Potential>
class Langevin {
 public:
  using Vector = typename Potential::Vector;

  Langevin(const Potential& potential, double temperature, double dt, double friction)
      : potential_(potential),
        dt_(dt),
        keep_(std::exp(-friction * dt)),
        noise_(std::sqrt(temperature * -std::expm1(-2 * friction * dt)))
  {}

  void start(const Vector& positions, const Vector& velocities)
  {
    x_ = positions;
    v_ = velocities;
    energy_ = potential_.evaluate(x_, force_);
  }

  void advance(std::int64_t steps, Random& random)
  {
    const double half = dt_ / 2;
    for (; steps > 0; --steps) {
      for (std::size_t i = 0; i < Potential::size; ++i) {
        v_[i] += half * force_[i];
        x_[i] += half * v_[i];
      }
      if (noise_ > 0) {
        for (double& v : v_) v = keep_ * v + noise_ * random.gaussian();
      }
      for (std::size_t i = 0; i < Potential::size; ++i) x_[i] += half * v_[i];
      energy_ = potential_.evaluate(x_, force_);
      for (std::size_t i = 0; i < Potential::size; ++i) v_[i] += half * force_[i];
    }
  }

  [[nodiscard]] const Vector& positions() const { return x_; }
  [[nodiscard]] const Vector& velocities() const { return v_; }
  /// Potential energy.
  [[nodiscard]] double energy() const { return energy_; }

 private:
  Potential potential_;
  double dt_;
  double keep_;
  double noise_;
  Vector x_{};
  Vector v_{};
  Vector force_{};
  double energy_ = 0;
};

}  // namespace steer
