#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>

namespace inner {

// Number of species of Robertson's problem: y1, y2 and y3, in this order everywhere.
inline constexpr std::size_t species = 3;

// Error allowed per step of the integrator: relative, plus absolute for each species.
// The defaults give six digits of every species after 100 restarts.
struct Tolerances {
  double relative = 1e-9;
  std::array<double, species> absolute = {1e-11, 1e-15, 1e-11};
};

// Robertson's autocatalytic kinetics, integrated cell by cell with CVODE (BDF, dense Newton):
//   y1' = -0.04 y1 + 1e4 y2 y3,   y2' = 0.04 y1 - 1e4 y2 y3 - 3e7 y2^2,   y3' = 3e7 y2^2.
// A moved-from object can only be destroyed or assigned to.
class Robertson {
 public:
  // Throws std::invalid_argument when a tolerance is not positive.
  explicit Robertson(const Tolerances& tolerances = {});
  ~Robertson();
  Robertson(Robertson&&) noexcept;
  Robertson& operator=(Robertson&&) noexcept;

  // Integrates one cell over `dt` > 0; `in` and `out` may be the same. The result depends on
  // nothing but the arguments, bit for bit, and keeps y1 + y2 + y3 to round-off. Throws
  // std::runtime_error, with `out` untouched, when the cell cannot be integrated.
  void advance(std::span<const double, species> in, std::span<double, species> out, double dt);

  long cells() const;             // advanced so far
  long steps() const;             // of the integrator, over all cells
  long right_hand_sides() const;  // evaluated, over all cells

 private:
  struct Integrator;
  std::unique_ptr<Integrator> integrator_;
};

// Time derivative of one cell: the right-hand side of the equations above.
std::array<double, species> robertson_rate(std::span<const double, species> y);

}  // namespace inner
