/// Lorenz-96 with one scale: E. N. Lorenz, Predictability: a problem partly solved, ECMWF 1996.
#pragma once

#include "model.hpp"

namespace twin {

/// dx_i/dt = (x_{i+1} - x_{i-2}) x_{i-1} - x_i + F on a ring, by Runge-Kutta of fourth order.
class Lorenz96 : public Model {
 public:
  struct Settings {
    /// At least 4.
    int sites = 40;
    double forcing = 8;
    double dt = 0.05;
  };

  /// Throws std::invalid_argument where the settings are senseless.
  explicit Lorenz96(const Settings& settings);
  [[nodiscard]] std::size_t size() const override;
  [[nodiscard]] double dt() const override { return settings_.dt; }
  void advance(std::span<double> states, int steps, std::span<const double> forcing = {}) override;
  /// One at the first site, zero elsewhere, as DAPPER has it.
  [[nodiscard]] std::vector<double> rest() const override;

  [[nodiscard]] const Settings& settings() const { return settings_; }
  /// Changes the regime from the next step on.
  void force(double forcing) { settings_.forcing = forcing; }
  /// Of one state.
  void tendency(const double* x, double* rates) const;

 private:
  Settings settings_;
  std::vector<double> stage_;
  std::vector<double> slope_;
  std::vector<double> sum_;
};

}  // namespace twin
