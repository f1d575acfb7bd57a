/// The potential of Müller and Brown, Theor. Chim. Acta 53, 75 (1979): three minima on a bent path.
#pragma once

#include <array>
#include <cstddef>

namespace steer {

class MullerBrown {
 public:
  static constexpr std::size_t size = 2;
  using Vector = std::array<double, size>;

  /// Returns the energy at `x`; sets the force, which is minus the gradient.
  double evaluate(const Vector& x, Vector& force) const;

  /// A (the lowest), B and I, each to six digits.
  static constexpr std::array<Vector, 3> minima = {
      {{-0.558224, 1.441726}, {0.623499, 0.028038}, {-0.050011, 0.466694}}};

  /// The minimum that steepest descent from `x` ends in: 0 for A, 1 for B, 2 for I; -1 where `x`
  /// is not finite or the descent does not end.
  [[nodiscard]] int basin(Vector x) const;

  /// Of A, B and I: the integrals of exp(-V / kT) over their basins, relative to their sum, by
  /// quadrature on a grid; about four digits. Takes some tenths of a second.
  [[nodiscard]] std::array<double, 3> populations(double kT) const;
};

}  // namespace steer
