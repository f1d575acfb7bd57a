/// Functions whose lowest values are known, as losses of trainings that nobody has to do.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace adapt {

/// Branin (1972) on [-5, 10] x [0, 15]: 0.397887 at (-pi, 12.275), (pi, 2.275), (9.42478, 2.475).
double branin(double x, double y);
inline constexpr double branin_lowest = 0.39788735772973816;

/// Hartmann's function of six variables in [0, 1] (Dixon and Szegö 1978): -3.32237 at (0.20169,
/// 0.150011, 0.476874, 0.275332, 0.311652, 0.6573).
double hartmann(std::span<const double> x);
inline constexpr double hartmann_lowest = -3.322368011415515;

/// A function by its name, "branin" or "hartmann"; throws std::invalid_argument.
double function(const std::string& name, std::span<const double> x);
double lowest(const std::string& name);
std::size_t variables(const std::string& name);

/// A training that approaches `value`: after e epochs value + height (1 + e)^(-rate), and noise of
/// that deviation, drawn anew for each (trial, e). Heights lie in [2, 4] and rates in [0.6, 1.0] by
/// the trial's seed: curves cross while they are short, as real ones do.
struct Curve {
  double value = 0;
  double height = 0;
  double rate = 0;
  double noise = 0;
  std::uint64_t seed = 0;
  [[nodiscard]] double at(std::int64_t epochs) const;
};
Curve curve(double value, std::uint64_t seed, double noise);

}  // namespace adapt
