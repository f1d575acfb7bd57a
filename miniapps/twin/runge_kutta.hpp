/// The classical Runge-Kutta scheme of fourth order.
#pragma once

#include <cstddef>
#include <span>

namespace twin {

/// Moves `x` by one step of x' = rates(x) + forcing (nothing, or as long as x). `stage`, `slope`
/// and `sum` are work space as long as x.
template <typename Rates>
void runge_kutta(std::span<double> x, double dt, std::span<const double> forcing, double* stage,
                 double* slope, double* sum, const Rates& rates)
{
  const std::size_t size = x.size();
  const auto slope_at = [&](const double* state) {
    rates(state, slope);
    for (std::size_t i = 0; i < forcing.size(); ++i) slope[i] += forcing[i];
  };
  slope_at(x.data());
  for (std::size_t i = 0; i < size; ++i) {
    sum[i] = slope[i];
    stage[i] = x[i] + dt / 2 * slope[i];
  }
  slope_at(stage);
  for (std::size_t i = 0; i < size; ++i) {
    sum[i] += 2 * slope[i];
    stage[i] = x[i] + dt / 2 * slope[i];
  }
  slope_at(stage);
  for (std::size_t i = 0; i < size; ++i) {
    sum[i] += 2 * slope[i];
    stage[i] = x[i] + dt * slope[i];
  }
  slope_at(stage);
  for (std::size_t i = 0; i < size; ++i) x[i] += dt / 6 * (sum[i] + slope[i]);
}

}  // namespace twin
