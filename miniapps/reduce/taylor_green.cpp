#include "taylor_green.hpp"

#include "noise.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>
#include <string>

namespace reduce {

namespace {

constexpr std::size_t directions = 9;
constexpr std::array<int, directions> way_x{0, 1, 0, -1, 0, 1, -1, -1, 1};
constexpr std::array<int, directions> way_y{0, 0, 1, 0, -1, 1, 1, -1, -1};
constexpr std::array<double, directions> weight{4.0 / 9,  1.0 / 9,  1.0 / 9,  1.0 / 9, 1.0 / 9,
                                                1.0 / 36, 1.0 / 36, 1.0 / 36, 1.0 / 36};
/// The lattice's velocity where the vortex has 1, times the cells along an edge.
constexpr double lattice_velocity = 3.2;

/// A velocity a sin(k r + phase), with a at right angles to k: free of divergence.
struct Wave {
  double kx = 0;
  double ky = 0;
  double ax = 0;
  double ay = 0;
  double phase = 0;
};

std::vector<Wave> waves_of(const TaylorGreenSettings& settings)
{
  const double k = settings.wavenumber;
  std::vector<Wave> waves{{k, k, 0.5, -0.5, 0}, {-k, k, 0.5, 0.5, 0}};
  if (settings.perturbation == 0) return waves;
  for (std::uint64_t i = 0; i < 16; ++i) {
    const std::uint64_t place = 3 * i;
    const double angle = 2 * std::numbers::pi * noise(settings.seed, place);
    const double length = 1 + 1.5 * k * noise(settings.seed, place + 1);
    Wave wave{std::round(length * std::cos(angle)), std::round(length * std::sin(angle))};
    const double size = std::hypot(wave.kx, wave.ky);
    if (size == 0) continue;
    wave.ax = -settings.perturbation / 4 * wave.ky / size;
    wave.ay = settings.perturbation / 4 * wave.kx / size;
    wave.phase = 2 * std::numbers::pi * noise(settings.seed, place + 2);
    waves.push_back(wave);
  }
  return waves;
}

struct Flow {
  double u = 0, v = 0;
  double u_x = 0, u_y = 0, v_x = 0, v_y = 0;
};

Flow flow_at(const std::vector<Wave>& waves, double y, double x)
{
  Flow flow;
  for (const Wave& wave : waves) {
    const double angle = wave.kx * x + wave.ky * y + wave.phase;
    const double sine = std::sin(angle);
    const double cosine = std::cos(angle);
    flow.u += wave.ax * sine;
    flow.v += wave.ay * sine;
    flow.u_x += wave.ax * wave.kx * cosine;
    flow.u_y += wave.ax * wave.ky * cosine;
    flow.v_x += wave.ay * wave.kx * cosine;
    flow.v_y += wave.ay * wave.ky * cosine;
  }
  return flow;
}

double relaxation_time(const TaylorGreenSettings& settings, double spacing, double dt)
{
  return 3 * settings.viscosity * dt / (spacing * spacing) + 0.5;
}

/// Of direction q at density rho and lattice velocity (u, v).
double equilibrium(std::size_t q, double rho, double u, double v)
{
  const double along = way_x[q] * u + way_y[q] * v;
  return weight[q] * rho * (1 + 3 * along + 4.5 * along * along - 1.5 * (u * u + v * v));
}

void check(const TaylorGreenSettings& settings)
{
  if (settings.cells < 8 || settings.wavenumber < 1 || !(settings.viscosity > 0) ||
      !(settings.perturbation >= 0 && settings.perturbation <= 1))
    throw std::invalid_argument(
        "the Taylor-Green vortex needs 8 cells or more along an edge, a wavenumber of 1 or more, a "
        "positive viscosity, and a perturbation from 0 to 1");
}

Cells square(const TaylorGreenSettings& settings)
{
  check(settings);
  return {1, settings.cells, settings.cells};
}

}  // namespace

std::array<double, 2> taylor_green_velocity(const TaylorGreenSettings& settings, double y, double x,
                                            double time)
{
  const double k = settings.wavenumber;
  const double size = std::exp(-2 * settings.viscosity * k * k * time);
  return {std::cos(k * x) * std::sin(k * y) * size, -std::sin(k * x) * std::cos(k * y) * size};
}

TaylorGreen::TaylorGreen(MPI_Comm comm, const TaylorGreenSettings& settings)
    : settings_(settings),
      halo_(comm, 2, square(settings), static_cast<int>(directions)),
      spacing_(2 * std::numbers::pi / static_cast<double>(settings.cells)),
      dt_(lattice_velocity / static_cast<double>(settings.cells) * spacing_),
      populations_(halo_.size(), 0.0),
      next_(halo_.size(), 0.0),
      velocity_(2 * static_cast<std::size_t>(halo_.part().cells()), 0.0)
{
  fill();
}

// Equilibrium at the exact pressure, and what the velocity's gradient adds to it in first order:
// without either the second order of the method is lost in its first steps.
void TaylorGreen::fill()
{
  const Part& part = halo_.part();
  const Layout& layout = halo_.layout();
  const auto cells = static_cast<std::size_t>(part.cells());
  const auto waves = waves_of(settings_);
  const double scale = dt_ / spacing_;
  const double tau = relaxation_time(settings_, spacing_, dt_);
  const double k = settings_.wavenumber;
  for (std::int64_t iy = 0; iy < part.count[1]; ++iy)
    for (std::int64_t ix = 0; ix < part.count[2]; ++ix) {
      const double y = (static_cast<double>(part.offset[1] + iy) + 0.5) * spacing_;
      const double x = (static_cast<double>(part.offset[2] + ix) + 0.5) * spacing_;
      const Flow flow = flow_at(waves, y, x);
      const double pressure = -0.25 * (std::cos(2 * k * x) + std::cos(2 * k * y));
      const double rho = 1 + 3 * scale * scale * pressure;
      const double u = scale * flow.u;
      const double v = scale * flow.v;
      const auto at = static_cast<std::size_t>(layout.at(0, iy, ix));
      for (std::size_t q = 0; q < directions; ++q) {
        const double cx = way_x[q];
        const double cy = way_y[q];
        const double strain = (cx * cx - 1.0 / 3) * flow.u_x + cx * cy * (flow.u_y + flow.v_x) +
                              (cy * cy - 1.0 / 3) * flow.v_y;
        // After collision: what remains of the part out of equilibrium.
        populations_[q * static_cast<std::size_t>(layout.component) + at] =
            equilibrium(q, rho, u, v) - 3 * weight[q] * rho * (tau - 1) * dt_ * strain;
      }
      const auto cell = static_cast<std::size_t>(iy * part.count[2] + ix);
      velocity_[cell] = flow.u;
      velocity_[cells + cell] = flow.v;
    }
}

// Populations are those after collision: a step moves them, and lets them collide.
void TaylorGreen::step()
{
  const Part& part = halo_.part();
  const Layout& layout = halo_.layout();
  const auto cells = static_cast<std::size_t>(part.cells());
  const double rate = 1 / relaxation_time(settings_, spacing_, dt_);
  const double unscale = spacing_ / dt_;
  halo_.exchange(populations_.data());
  for (std::int64_t iy = 0; iy < part.count[1]; ++iy) {
    std::array<const double*, directions> from{};
    std::array<double*, directions> to{};
    for (std::size_t q = 0; q < directions; ++q) {
      const auto component = static_cast<std::int64_t>(q) * layout.component;
      from[q] = populations_.data() + component + layout.at(0, iy - way_y[q], -way_x[q]);
      to[q] = next_.data() + component + layout.at(0, iy, 0);
    }
    double* u_row = velocity_.data() + iy * part.count[2];
    double* v_row = u_row + cells;
    for (std::int64_t ix = 0; ix < part.count[2]; ++ix) {
      std::array<double, directions> f{};
      for (std::size_t q = 0; q < directions; ++q) f[q] = from[q][ix];
      const double rho = ((f[0] + (f[1] + f[3])) + (f[2] + f[4])) + ((f[5] + f[7]) + (f[6] + f[8]));
      const double u = ((f[1] - f[3]) + ((f[5] - f[7]) + (f[8] - f[6]))) / rho;
      const double v = ((f[2] - f[4]) + ((f[5] - f[7]) + (f[6] - f[8]))) / rho;
      for (std::size_t q = 0; q < directions; ++q)
        to[q][ix] = f[q] + rate * (equilibrium(q, rho, u, v) - f[q]);
      u_row[ix] = unscale * u;
      v_row[ix] = unscale * v;
    }
  }
  populations_.swap(next_);
  time_ += dt_;
}

void TaylorGreen::set_viscosity(double viscosity)
{
  settings_.viscosity = viscosity;
  check(settings_);
}

double TaylorGreen::energy() const
{
  double sum = 0;
  for (const double one : velocity_) sum += one * one / 2;
  MPI_Allreduce(MPI_IN_PLACE, &sum, 1, MPI_DOUBLE, MPI_SUM, halo_.comm());
  return sum / static_cast<double>(settings_.cells * settings_.cells);
}

std::vector<double> TaylorGreen::state() const
{
  std::vector<double> all = populations_;
  all.insert(all.end(), velocity_.begin(), velocity_.end());
  all.push_back(time_);
  return all;
}

void TaylorGreen::restore(const std::vector<double>& state)
{
  const auto middle = state.begin() + static_cast<std::ptrdiff_t>(populations_.size());
  std::copy(state.begin(), middle, populations_.begin());
  std::copy(middle, state.end() - 1, velocity_.begin());
  time_ = state.back();
}

}  // namespace reduce
