#include "lorenz96.hpp"

#include "runge_kutta.hpp"

#include <cmath>
#include <stdexcept>
#include <string>

namespace twin {

Lorenz96::Lorenz96(const Settings& settings) : settings_(settings)
{
  if (settings.sites < 4) {
    throw std::invalid_argument("Lorenz-96: sites = " + std::to_string(settings.sites) +
                                " (each site needs three others); at least 4");
  }
  if (!(settings.dt > 0) || !std::isfinite(settings.dt) || !std::isfinite(settings.forcing)) {
    throw std::invalid_argument("Lorenz-96: dt and forcing must be finite, and dt positive");
  }
  stage_.resize(size());
  slope_.resize(size());
  sum_.resize(size());
}

std::size_t Lorenz96::size() const
{
  return static_cast<std::size_t>(settings_.sites);
}

void Lorenz96::tendency(const double* x, double* rates) const
{
  const std::size_t n = size();
  const double forcing = settings_.forcing;
  rates[0] = (x[1] - x[n - 2]) * x[n - 1] - x[0] + forcing;
  rates[1] = (x[2] - x[n - 1]) * x[0] - x[1] + forcing;
  for (std::size_t i = 2; i + 1 < n; ++i) {
    rates[i] = (x[i + 1] - x[i - 2]) * x[i - 1] - x[i] + forcing;
  }
  rates[n - 1] = (x[0] - x[n - 3]) * x[n - 2] - x[n - 1] + forcing;
}

void Lorenz96::advance(std::span<double> states, int steps, std::span<const double> forcing)
{
  const std::size_t n = size();
  for (std::size_t row = 0; row < states.size(); row += n) {
    const auto added = forcing.empty() ? forcing : forcing.subspan(row, n);
    for (int step = 0; step < steps; ++step) {
      runge_kutta(states.subspan(row, n), settings_.dt, added, stage_.data(), slope_.data(),
                  sum_.data(), [this](const double* x, double* rates) { tendency(x, rates); });
    }
  }
}

std::vector<double> Lorenz96::rest() const
{
  std::vector<double> state(size(), 0);
  state[0] = 1;
  return state;
}

}  // namespace twin
