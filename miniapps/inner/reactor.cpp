#include "reactor.hpp"

#include "diffusion.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace inner {
namespace {

const Settings& checked(const Settings& settings)
{
  const auto require = [](bool good, const std::string& name, double value, const char* wanted) {
    if (!good) {
      throw std::invalid_argument(name + " = " + std::to_string(value) + " (must be " + wanted +
                                  "); change the settings of the reactor");
    }
  };
  const auto positive = [](double value) { return std::isfinite(value) && value > 0; };
  require(positive(settings.length), "length", settings.length, "positive");
  require(positive(settings.dt), "dt", settings.dt, "positive");
  for (const double each : settings.diffusivity) {
    require(std::isfinite(each) && each >= 0, "diffusivity", each, "zero or positive");
  }
  return settings;
}

// Sum that loses one rounding at most (Neumaier 1974): a plain one would drown what the mass
// changes.
double careful_sum(std::span<const double> values)
{
  double sum = 0;
  double lost = 0;
  for (const double value : values) {
    const double next = sum + value;
    lost += std::abs(sum) >= std::abs(value) ? (sum - next) + value : (value - next) + sum;
    sum = next;
  }
  return sum + lost;
}

}  // namespace

Reactor::Reactor(MPI_Comm comm, const Settings& settings)
    : settings_{checked(settings)},
      halo_{comm, {settings.ny, settings.nx}, species, settings.boundary},
      kinetics_{settings.tolerances},
      state_(cells() * species, 0.0),
      advanced_(cells() * species, 0.0),
      padded_(halo_.padded_size(), 0.0)
{}

std::size_t Reactor::cells() const
{
  return block().count[0] * block().count[1];
}

void Reactor::fill(const Profile& profile)
{
  const double edge = settings_.length / static_cast<double>(settings_.nx);
  double* value = state_.data();
  for (std::size_t iy = 0; iy < block().count[0]; ++iy) {
    for (std::size_t ix = 0; ix < block().count[1]; ++ix, value += species) {
      const double x = (static_cast<double>(block().offset[1] + ix) + 0.5) * edge;
      const double y = (static_cast<double>(block().offset[0] + iy) + 0.5) * edge;
      const auto cell = profile(x, y);
      std::copy(cell.begin(), cell.end(), value);
    }
  }
}

void Reactor::react(std::size_t cell)
{
  kinetics_.advance(std::span<const double, species>{&state_[cell * species], species},
                    std::span<double, species>{&advanced_[cell * species], species}, settings_.dt);
}

void Reactor::react()
{
  for (std::size_t cell = 0; cell < cells(); ++cell) {
    react(cell);
  }
}

void Reactor::accept()
{
  std::copy(advanced_.begin(), advanced_.end(), state_.begin());
}

void Reactor::diffuse(double dt)
{
  if (!std::isfinite(dt) || dt < 0) {
    throw std::invalid_argument("cannot diffuse over dt = " + std::to_string(dt) +
                                " (must be zero or positive); change the time step");
  }
  const double edge = settings_.length / static_cast<double>(settings_.nx);
  const auto plan = plan_diffusion(settings_.diffusivity, edge, dt);
  for (std::size_t part = 0; part < plan.parts; ++part) {
    pad(state_, block().count, padded_);
    halo_.exchange(padded_);
    spread(padded_, block().count, plan.number, state_);
  }
}

double Reactor::mass() const
{
  int ranks = 0;
  MPI_Comm_size(halo_.comm(), &ranks);
  const double mine = careful_sum(state_);
  std::vector<double> all(static_cast<std::size_t>(ranks));
  MPI_Allgather(&mine, 1, MPI_DOUBLE, all.data(), 1, MPI_DOUBLE, halo_.comm());
  const double edge = settings_.length / static_cast<double>(settings_.nx);
  return careful_sum(all) * edge * edge;
}

}  // namespace inner
