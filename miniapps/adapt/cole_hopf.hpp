/// Burgers' equation from u(x, 0) = -sin(pi x) on [-1, 1], exactly.
#pragma once

namespace adapt {

/// u by the formula of Cole (1951) and Hopf (1950): averages of sin(pi y) and cos(pi y) with the
/// weight exp(-cos(pi y) / (2 pi nu) - (x - y)^2 / (4 nu t)), by the trapezoidal rule, whose error
/// for a smooth integrand that vanishes at both ends is that of rounding. To about 1e-12.
class ColeHopf {
 public:
  /// `viscosity` between 1e-4 and 1; throws std::invalid_argument.
  explicit ColeHopf(double viscosity);
  [[nodiscard]] double velocity(double x, double t) const;
  /// du/dx.
  [[nodiscard]] double slope(double x, double t) const;

  struct Steepest {
    double time = 0;
    double slope = 0;
  };
  /// Where the slope at x = 0 is lowest; -152.00516 at pi t = 1.6037 for 0.01 / pi (Basdevant et
  /// al. 1986).
  [[nodiscard]] Steepest steepest() const;

 private:
  struct Means;
  [[nodiscard]] Means means(double x, double t) const;

  double viscosity_;
};

/// The viscosity of Basdevant et al. (1986), and their values.
inline constexpr double published_viscosity = 0.01 / 3.14159265358979323846;
inline constexpr double published_slope = -152.00516;
inline constexpr double published_pi_time = 1.6037;

}  // namespace adapt
