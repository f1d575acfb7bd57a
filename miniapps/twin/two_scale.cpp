#include "two_scale.hpp"

#include "runge_kutta.hpp"

#include <cmath>
#include <stdexcept>

namespace twin {

TwoScale::TwoScale(const Settings& settings) : settings_(settings)
{
  if (settings.slow < 4 || settings.fast < 1) {
    throw std::invalid_argument(
        "Lorenz-96 of two scales: at least 4 slow sites, and a fast one for each");
  }
  for (const double value :
       {settings.forcing, settings.coupling, settings.amplitudes, settings.times, settings.dt}) {
    if (!std::isfinite(value)) {
      throw std::invalid_argument("Lorenz-96 of two scales: a parameter is not finite");
    }
  }
  if (!(settings.dt > 0) || !(settings.amplitudes > 0)) {
    throw std::invalid_argument("Lorenz-96 of two scales: dt and amplitudes must be positive");
  }
  stage_.resize(size());
  slope_.resize(size());
  sum_.resize(size());
}

std::size_t TwoScale::size() const
{
  return slow() * (1 + static_cast<std::size_t>(settings_.fast));
}

void TwoScale::tendency(const double* state, double* rates) const
{
  const std::size_t slow = this->slow();
  const auto fast = static_cast<std::size_t>(settings_.fast);
  const std::size_t ring = slow * fast;
  const double* x = state;
  const double* y = state + slow;
  double* dy = rates + slow;
  const double c = settings_.times;
  const double b = settings_.amplitudes;
  const double exchange = settings_.coupling * c / b;

  // Fast ones without their slow one; the ends of the ring apart.
  const auto swirl = [&](std::size_t before, std::size_t j, std::size_t after, std::size_t next) {
    dy[j] = c * b * (y[before] - y[next]) * y[after] - c * y[j];
  };
  swirl(ring - 1, 0, 1, 2);
  for (std::size_t j = 1; j + 2 < ring; ++j) {
    dy[j] = c * b * (y[j - 1] - y[j + 2]) * y[j + 1] - c * y[j];
  }
  swirl(ring - 3, ring - 2, ring - 1, 0);
  swirl(ring - 2, ring - 1, 0, 1);

  for (std::size_t k = 0; k < slow; ++k) {
    double sum = 0;
    for (std::size_t j = k * fast; j < (k + 1) * fast; ++j) {
      sum += y[j];
      dy[j] += exchange * x[k];
    }
    const double before = x[(k + slow - 1) % slow];
    const double second = x[(k + slow - 2) % slow];
    rates[k] = (x[(k + 1) % slow] - second) * before - x[k] + settings_.forcing - exchange * sum;
  }
}

void TwoScale::advance(std::span<double> states, int steps, std::span<const double> forcing)
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

std::vector<double> TwoScale::rest() const
{
  std::vector<double> state(size(), 0);
  state[0] = 1;
  return state;
}

}  // namespace twin
