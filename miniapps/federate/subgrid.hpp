/// The sub-grid flux of coarsely resolved Burgers turbulence: what a coarse solver has to be told.
#pragma once

#include "samples.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace federate {

/// A wind that carries decaying waves: uniform distributions of mean, amplitude of each wave
/// number, and viscosity (its logarithm).
struct Regime {
  double mean_low = 0;
  double mean_high = 0;
  double amplitude_low = 0.3;
  double amplitude_high = 0.5;
  double viscosity_low = 0.02;
  double viscosity_high = 0.06;
};
/// From a wind to the left to one to the right; a single silo has none.
Regime regime_of(int silo, int silos);

/// Means over cells of equal numbers of points.
std::vector<double> coarse(std::span<const double> fine, int cells);
/// What a coarse solver of second order lets through the face between two cells.
double central_flux(double left, double right, double viscosity, double spacing);
/// What it has to be told of the face to the right of each cell: the true flux less that one. With
/// it the coarse means change as the resolved ones do, to round-off.
std::vector<double> subgrid_fluxes(std::span<const double> fine_fluxes,
                                   std::span<const double> means, double viscosity);

inline constexpr double viscosity_unit = 0.035;
inline constexpr double flux_unit = 0.01;

struct SubgridSettings {
  std::uint64_t seed = 0;
  int silos = 3;
  int points = 256;
  int cells = 16;
  /// Initial states that are integrated for training, holding out, judging.
  int training = 16;
  int held_out = 6;
  int judged = 8;
  /// Simulated time of each, and between two samples.
  double time = 1.5;
  double every = 0.1;
};

/// Inputs: the means of the four cells around a face, and log2 of the viscosity in units of 0.035.
/// Output: the sub-grid flux in units of 0.01. So all are of order 1, and nothing that a silo has
/// to keep is needed to scale them.
class Subgrid : public Problem {
 public:
  explicit Subgrid(const SubgridSettings& settings) : settings_(settings) {}
  [[nodiscard]] std::int64_t inputs() const override { return 5; }
  [[nodiscard]] int silos() const override { return settings_.silos; }
  [[nodiscard]] std::string regime(int silo) const override;
  [[nodiscard]] Samples samples(int silo, Part part) const override;
  /// Coarse runs from the first samples of each judged run to its last ones.
  [[nodiscard]] double run_error(const Samples& judged, const Answer& model) const override;

 private:
  [[nodiscard]] long shots() const;
  [[nodiscard]] Samples simulate(int silo, int first, int count) const;
  SubgridSettings settings_;
};

}  // namespace federate
