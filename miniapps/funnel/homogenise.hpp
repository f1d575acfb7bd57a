/// What a microstructure conducts: bounds from both sides, and an estimate between them.
#pragma once

#include "conduction.hpp"
#include "library.hpp"

#include <span>
#include <vector>

namespace funnel {

/// Conductivities of the phases.
struct Phases {
  double worse = 1;
  double better = 100;
};

/// Tensors between which the exact one is, in the order of quadratic forms: their diagonals bound
/// its diagonal.
struct Bracket {
  Tensor lower;
  Tensor upper;

  /// The geometric mean of both bounds along x: what the bounds of phases that are exchanged give
  /// too, and exact for a checkerboard.
  [[nodiscard]] double label() const;
  /// upper / lower - 1, along x.
  [[nodiscard]] double width() const;
  /// Whether lower <= value <= upper along x, but for `slack` of the value (rounding).
  [[nodiscard]] bool holds(double value, double slack = 1e-10) const;
};

/// Of each pixel, refined to `factor` x `factor` pixels.
std::vector<double> conductivities(const Image& image, const Phases& phases, int factor = 1);

/// A coarser picture of `size` x `size` pixels, which divides the image's: each the geometric mean
/// of those in it, worse^(1 - f) * better^f where f of them conduct better. Exchanging phases
/// exchanges it with its dual as it does the image's. Throws std::invalid_argument.
std::vector<double> coarse_conductivities(const Image& image, const Phases& phases, int size);

/// Keller's duality (J. Math. Phys. 5, 1964; Mendelson, 1975): with sigma' = worse * better / sigma
/// in each pixel (the phases exchanged) the effective tensor is worse * better * R^T sigma*^-1 R, R
/// a rotation by 90 degrees. An upper bound of the one is thus a lower bound of the other. Two
/// solves; `conductivity` as in Conduction::effective, within the phases.
Bracket bracket(Conduction& conduction, std::span<const double> conductivity, const Phases& phases);
/// The lower bound that an upper bound of the exchanged problem gives.
Tensor dual(const Tensor& exchanged, const Phases& phases);

}  // namespace funnel
