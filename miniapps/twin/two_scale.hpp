/// Lorenz-96 with two scales: slow sites, each with fast ones that the observer does not see.
#pragma once

#include "model.hpp"

namespace twin {

/// Lorenz (1996), in the signs of D. S. Wilks, Q. J. R. Meteorol. Soc. 131 (2005):
/// dX_k/dt = (X_{k+1} - X_{k-2}) X_{k-1} - X_k + F - (h c / b) sum_j Y_{j,k},
/// dY_j/dt = c b (Y_{j-1} - Y_{j+2}) Y_{j+1} - c Y_j + (h c / b) X_k,
/// the fast ones in one ring over all slow ones. A state: the slow ones, then the fast ones of the
/// first slow one, and so on.
class TwoScale : public Model {
 public:
  struct Settings {
    int slow = 8;
    /// For each slow one.
    int fast = 32;
    double forcing = 20;
    /// Coupling, ratio of the amplitudes, ratio of the times: h, b, c.
    double coupling = 1;
    double amplitudes = 10;
    double times = 10;
    double dt = 0.005;
  };

  /// Throws std::invalid_argument where the settings are senseless.
  explicit TwoScale(const Settings& settings);
  [[nodiscard]] std::size_t size() const override;
  [[nodiscard]] std::size_t slow() const { return static_cast<std::size_t>(settings_.slow); }
  [[nodiscard]] double dt() const override { return settings_.dt; }
  void advance(std::span<double> states, int steps, std::span<const double> forcing = {}) override;
  [[nodiscard]] std::vector<double> rest() const override;

  [[nodiscard]] const Settings& settings() const { return settings_; }
  /// Changes the regime from the next step on.
  void force(double forcing) { settings_.forcing = forcing; }
  /// Of one state.
  void tendency(const double* state, double* rates) const;

 private:
  Settings settings_;
  std::vector<double> stage_;
  std::vector<double> slope_;
  std::vector<double> sum_;
};

}  // namespace twin
