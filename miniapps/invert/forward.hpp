/// The membrane as the coupler sees it: theta is log a.
#pragma once

#include "membrane.hpp"

#include <span>
#include <string>
#include <vector>

namespace invert {

/// Measured values and their adjoint, on a mesh of so many cells along an edge.
class Forward {
 public:
  explicit Forward(int cells = Mesh{}.cells);

  void solve(std::span<const double> theta, std::span<double> predicted);
  /// `cotangent` times the derivative of the measured values by theta.
  void pull_back(std::span<const double> theta, std::span<const double> cotangent,
                 std::span<double> gradient);

 private:
  void take(std::span<const double> theta);

  Membrane membrane_;
  std::vector<double> stiffness_;
};

/// Registers "membrane-8" and "membrane-16" as coarse models: as many cells along an edge.
void register_coarse_membranes();
/// What one solve of a coarse model costs, in solves on 32 x 32 cells; measured, in a hundredth of
/// a second.
double cost_of(const std::string& coarse);

}  // namespace invert
