/// The viscous Burgers equation u_t + (u^2 / 2)_x = nu u_xx, periodic on [-1, 1).
#pragma once

#include <span>
#include <vector>

namespace miniapp {

/// Central differences of order 6 in conservative form, on points in the middle of cells; classical
/// Runge-Kutta of order 4. Nothing is added for stability: the viscosity has to be resolved
/// (`points` of about 6 jump / (nu length)).
class Burgers {
 public:
  /// `points` at least 8, `viscosity` above 0.
  Burgers(int points, double viscosity);
  /// Starts anew; as many values as points.
  void set(std::span<const double> velocity);
  /// Steps of equal size, the largest stable one at most.
  void advance(double time);

  [[nodiscard]] const std::vector<double>& velocity() const { return u_; }
  [[nodiscard]] double viscosity() const { return viscosity_; }
  /// The distance between two points, and where one is.
  [[nodiscard]] double spacing() const { return spacing_; }
  [[nodiscard]] double position(int point) const { return -1 + (point + 0.5) * spacing_; }
  /// What flows through the face to the right of each point: -dF/dx is what a step adds, to
  /// round-off.
  [[nodiscard]] std::vector<double> fluxes() const;
  /// The slope at that face, of order 6.
  [[nodiscard]] double slope(int point) const;

 private:
  void tendency(const std::vector<double>& u, std::vector<double>& change);
  void fluxes_of(const std::vector<double>& u, std::vector<double>& flux) const;

  int points_;
  double viscosity_;
  double spacing_;
  std::vector<double> u_;
  /// With three points more on each side.
  mutable std::vector<double> wide_;
  std::vector<double> flux_;
  std::vector<double> stage_;
  std::vector<double> sum_;
  std::vector<double> change_;
};

}  // namespace miniapp
