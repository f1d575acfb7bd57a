/// Runs of the Burgers solver from -sin(pi x), and what a network learns from them.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace adapt {

/// What the network is given of a point: x; asinh(x / (2 nu)) / 4, which spreads the shock's width
/// 2 nu over an interval of order 1 (it is known before any run); t; log2(nu pi / 0.01). Its output
/// is u. The amplitude need not vary: a u(x, a t) solves the equation with viscosity a nu.
inline constexpr std::int64_t features = 4;
std::array<double, features> feature(double x, double t, double viscosity);

/// Rows of `features` inputs and of one output.
struct Rows {
  std::int64_t count = 0;
  std::vector<double> input;
  std::vector<double> output;
};

struct ShockSettings {
  /// Viscosities of the runs, evenly in their logarithm.
  double lowest = 0.008 / 3.14159265358979323846;
  double highest = 0.04 / 3.14159265358979323846;
  double end = 1;
  /// Moments of a run that are looked at, and points at each.
  int times = 40;
  int positions = 64;
  /// Points of the grid on a length of 2 nu; 6 give the published slope to 1e-3.
  double resolution = 6;
};

/// Throws std::invalid_argument.
void check(const ShockSettings& settings);
/// The viscosity of a run: a sequence that fills the range evenly from its begin on (the fractional
/// parts of multiples of the golden ratio).
double viscosity_of(const ShockSettings& settings, std::uint64_t seed, std::int64_t run);
/// One run of the solver: rows at times and positions that are random within equal intervals (of
/// the spread coordinate), a function of seed and run.
Rows shock_run(const ShockSettings& settings, std::uint64_t seed, std::int64_t run);

/// The slope at x = 0 as the solver has it at this time, from -sin(pi x).
double solver_slope(double viscosity, double t, double resolution);

}  // namespace adapt
