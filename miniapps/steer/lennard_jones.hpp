/// Clusters of Lennard-Jones atoms in reduced units, held together by a wall.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>

namespace steer {

/// All pairs, without a cutoff: 4 (r^-12 - r^-6), and 50 (r - wall)^2 for an atom that is further
/// than `wall` from the centre of mass. Coordinate k of atom i is x[k * count + i].
template <std::size_t atoms, std::size_t dimension>
class LennardJones {
 public:
  static constexpr std::size_t count = atoms;
  static constexpr std::size_t axes = dimension;
  static constexpr std::size_t size = atoms * dimension;
  using Vector = std::array<double, size>;
  static constexpr double stiffness = 50;

  explicit LennardJones(double wall) : wall_(wall) {}
  [[nodiscard]] double wall() const { return wall_; }

  /// Returns the energy at `x`; sets the force, which is minus the gradient.
  double evaluate(const Vector& x, Vector& force) const
  {
    force.fill(0);
    double energy = 0;
    for (std::size_t i = 0; i + 1 < atoms; ++i) {
      std::array<double, dimension> own{};
      for (std::size_t j = i + 1; j < atoms; ++j) {
        std::array<double, dimension> apart;
        double square = 0;
        for (std::size_t k = 0; k < dimension; ++k) {
          apart[k] = x[k * atoms + i] - x[k * atoms + j];
          square += apart[k] * apart[k];
        }
        const double inverse = 1 / square;
        const double sixth = inverse * inverse * inverse;
        energy += sixth * (sixth - 1);
        const double pull = 24 * sixth * (2 * sixth - 1) * inverse;
        for (std::size_t k = 0; k < dimension; ++k) {
          own[k] += pull * apart[k];
          force[k * atoms + j] -= pull * apart[k];
        }
      }
      for (std::size_t k = 0; k < dimension; ++k) force[k * atoms + i] += own[k];
    }
    return 4 * energy + hold(x, force);
  }

  static std::array<double, dimension> centre(const Vector& x)
  {
    std::array<double, dimension> mean{};
    for (std::size_t k = 0; k < dimension; ++k) {
      for (std::size_t i = 0; i < atoms; ++i) mean[k] += x[k * atoms + i];
      mean[k] /= atoms;
    }
    return mean;
  }

  /// The wall's energy; adds its force, the part on the centre of mass included.
  double hold(const Vector& x, Vector& force) const
  {
    const auto mean = centre(x);
    double energy = 0;
    for (std::size_t i = 0; i < atoms; ++i) {
      double square = 0;
      for (std::size_t k = 0; k < dimension; ++k) {
        const double apart = x[k * atoms + i] - mean[k];
        square += apart * apart;
      }
      if (square <= wall_ * wall_) continue;
      const double radius = std::sqrt(square);
      energy += stiffness * (radius - wall_) * (radius - wall_);
      const double pull = 2 * stiffness * (radius - wall_) / radius;
      for (std::size_t k = 0; k < dimension; ++k) {
        const double back = pull * (x[k * atoms + i] - mean[k]);
        force[k * atoms + i] -= back;
        for (std::size_t j = 0; j < atoms; ++j) force[k * atoms + j] += back / atoms;
      }
    }
    return energy;
  }

 private:
  double wall_;
};

}  // namespace steer
