/// The membrane beside what is known of it: published values, exact solutions, differences.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace invert {

struct Check {
  std::string name;
  double value = 0;
  double reference = 0;
  /// The most that they may be apart.
  double tolerance = 0;

  [[nodiscard]] bool passes() const;
};

/// Largest error at the nodes with an exact solution whose load jumps with the stiffness:
/// u = (sin 8 pi x sin 8 pi y)^2, which no block sends anything across its edge.
double manufactured_error(int cells);

/// Largest difference of the adjoint from a central difference of solves, over all parameters,
/// relative to the largest entry, at a stiffness without symmetry.
double adjoint_error();

/// All of it in seconds, told one by one; returns whether all pass.
bool verify(const std::function<void(const Check&)>& told);

/// Median seconds of a solve on the benchmark's mesh, and of one with its adjoint.
struct SolveTime {
  double solve = 0;
  double adjoint = 0;
};
SolveTime time_solves(int repetitions = 200);

}  // namespace invert
