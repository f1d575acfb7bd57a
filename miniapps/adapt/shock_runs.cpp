#include "shock_runs.hpp"

#include "support/burgers.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>
#include <stdexcept>

namespace adapt {

namespace {

using miniapp::Burgers;
using std::numbers::pi;

/// Even, so that x = 0 lies on a face.
int points_for(double viscosity, double resolution)
{
  const double points = std::ceil(resolution / viscosity);
  return std::max(64, 2 * static_cast<int>(std::ceil(points / 2)));
}

Burgers sine(double viscosity, double resolution)
{
  const int points = points_for(viscosity, resolution);
  Burgers burgers{points, viscosity};
  std::vector<double> u;
  u.reserve(static_cast<std::size_t>(points));
  for (int i = 0; i < points; ++i) u.push_back(-std::sin(pi * burgers.position(i)));
  burgers.set(u);
  return burgers;
}

/// The same from every standard library.
double uniform(std::mt19937_64& engine)
{
  return static_cast<double>(engine() >> 11) * 0x1p-53;
}

}  // namespace

std::array<double, features> feature(double x, double t, double viscosity)
{
  return {x, std::asinh(x / (2 * viscosity)) / 4, t, std::log2(viscosity * pi / 0.01)};
}

void check(const ShockSettings& settings)
{
  if (!(settings.lowest >= 1e-4 && settings.highest >= settings.lowest && settings.highest <= 1))
    throw std::invalid_argument{"viscosities between 1e-4 and 1, the lower one first"};
  if (!(settings.end > 0) || settings.times < 1 || settings.positions < 1 ||
      !(settings.resolution >= 2))
    throw std::invalid_argument{
        "an end above 0, at least one moment and position, at least 2 points"};
}

double viscosity_of(const ShockSettings& settings, std::uint64_t seed, std::int64_t run)
{
  std::mt19937_64 engine{seed};
  constexpr double golden = 0.6180339887498949;
  double whole = 0;
  const double part = std::modf(uniform(engine) + golden * static_cast<double>(run), &whole);
  return settings.lowest * std::pow(settings.highest / settings.lowest, part);
}

Rows shock_run(const ShockSettings& settings, std::uint64_t seed, std::int64_t run)
{
  check(settings);
  const double viscosity = viscosity_of(settings, seed, run);
  std::mt19937_64 engine{seed * 0x9e3779b97f4a7c15U + static_cast<std::uint64_t>(run) + 1};
  Burgers burgers = sine(viscosity, settings.resolution);
  const auto points = static_cast<int>(burgers.velocity().size());
  const double furthest = std::asinh(1 / (2 * viscosity));
  Rows rows;
  const auto count =
      static_cast<std::size_t>(settings.times) * static_cast<std::size_t>(settings.positions);
  rows.input.reserve(count * features);
  rows.output.reserve(count);
  double now = 0;
  for (int k = 0; k < settings.times; ++k) {
    const double time = settings.end * (k + uniform(engine)) / settings.times;
    if (time > now) burgers.advance(time - now);
    now = time;
    for (int j = 0; j < settings.positions; ++j) {
      const double spread = furthest * (2 * (j + uniform(engine)) / settings.positions - 1);
      const double x = 2 * viscosity * std::sinh(spread);
      const int point = std::clamp(static_cast<int>((x + 1) / burgers.spacing()), 0, points - 1);
      const auto input = feature(burgers.position(point), time, viscosity);
      rows.input.insert(rows.input.end(), input.begin(), input.end());
      rows.output.push_back(burgers.velocity()[static_cast<std::size_t>(point)]);
    }
  }
  rows.count = static_cast<std::int64_t>(rows.output.size());
  return rows;
}

double solver_slope(double viscosity, double t, double resolution)
{
  Burgers burgers = sine(viscosity, resolution);
  burgers.advance(t);
  return burgers.slope(static_cast<int>(burgers.velocity().size()) / 2 - 1);
}

}  // namespace adapt
