#include "support/burgers.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace miniapp {

namespace {

std::size_t at(int point)
{
  return static_cast<std::size_t>(point);
}

}  // namespace

Burgers::Burgers(int points, double viscosity)
    : points_(points),
      viscosity_(viscosity),
      spacing_(2.0 / points),
      u_(at(std::max(points, 8))),
      wide_(u_.size() + 6),
      flux_(u_.size() + 1),
      stage_(u_.size()),
      sum_(u_.size()),
      change_(u_.size())
{
  if (points < 8 || !(viscosity > 0)) throw std::invalid_argument{"8 points, viscosity above 0"};
}

void Burgers::set(std::span<const double> velocity)
{
  if (velocity.size() != u_.size()) throw std::invalid_argument{"one value for each point"};
  std::copy(velocity.begin(), velocity.end(), u_.begin());
}

// flux[i] is that of the face to the left of point i; the last one is the first one again.
void Burgers::fluxes_of(const std::vector<double>& u, std::vector<double>& flux) const
{
  std::copy(u.begin(), u.end(), wide_.begin() + 3);
  std::copy(u.end() - 3, u.end(), wide_.begin());
  std::copy(u.begin(), u.begin() + 3, wide_.end() - 3);
  const double* w = wide_.data();
  const double of_slope = viscosity_ / (180 * spacing_);
  for (int i = 0; i <= points_; ++i) {
    const double* v = w + i;  // v[2] | v[3] are left and right of the face
    const double advected = 37 * (v[2] * v[2] + v[3] * v[3]) - 8 * (v[1] * v[1] + v[4] * v[4]) +
                            (v[0] * v[0] + v[5] * v[5]);
    const double slope = 245 * (v[3] - v[2]) - 25 * (v[4] - v[1]) + 2 * (v[5] - v[0]);
    flux[at(i)] = advected / 120 - of_slope * slope;
  }
}

void Burgers::tendency(const std::vector<double>& u, std::vector<double>& change)
{
  fluxes_of(u, flux_);
  for (std::size_t i = 0; i < u.size(); ++i) change[i] = (flux_[i] - flux_[i + 1]) / spacing_;
}

void Burgers::advance(double time)
{
  double fastest = 0;
  for (const double u : u_) fastest = std::max(fastest, std::abs(u));
  // Runge-Kutta's limits on the real and the imaginary axis over the largest eigenvalues of the
  // differences, 272/45 and 1.586; a maximum never grows.
  const double diffusive = 0.9 * 2.785 / (272.0 / 45) * spacing_ * spacing_ / viscosity_;
  const double advective = 0.9 * 2.828 / 1.586 * spacing_ / std::max(fastest, 1e-12);
  const auto steps = std::ceil(time / std::min(diffusive, 0.5 * advective));
  const double dt = time / steps;
  for (double step = 0; step < steps; ++step) {
    tendency(u_, sum_);
    for (std::size_t i = 0; i < u_.size(); ++i) stage_[i] = u_[i] + 0.5 * dt * sum_[i];
    for (const double part : {0.5, 1.0}) {
      tendency(stage_, change_);
      for (std::size_t i = 0; i < u_.size(); ++i) {
        sum_[i] += 2 * change_[i];
        stage_[i] = u_[i] + part * dt * change_[i];
      }
    }
    tendency(stage_, change_);
    for (std::size_t i = 0; i < u_.size(); ++i) u_[i] += dt / 6 * (sum_[i] + change_[i]);
  }
}

std::vector<double> Burgers::fluxes() const
{
  std::vector<double> flux(u_.size() + 1);
  fluxes_of(u_, flux);
  return {flux.begin() + 1, flux.end()};
}

double Burgers::slope(int point) const
{
  const auto u = [&](int i) { return u_[at((point + i + points_) % points_)]; };
  return (2250 * (u(1) - u(0)) - 125 * (u(2) - u(-1)) + 9 * (u(3) - u(-2))) / (1920 * spacing_);
}

}  // namespace miniapp
