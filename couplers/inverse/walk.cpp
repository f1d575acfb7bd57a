#include "couplers/inverse/walk.hpp"

#include <algorithm>
#include <cmath>

namespace cardan::inverse {

Walker::Walker(const ProposalSettings& settings, const Measure& measure)
    : settings_(settings),
      prior_mean_(measure.prior_mean),
      prior_deviation_(measure.prior_deviation)
{
  const std::size_t n = prior_mean_.size();
  factor_.assign(n * n, 0);
  for (std::size_t i = 0; i < n; ++i) factor_[i * n + i] = prior_deviation_[i];
}

// Gelman, Roberts and Gilks 1996; Roberts and Rosenthal 1998.
double Walker::wanted_acceptance() const
{
  return settings_.kind == Walk::langevin ? 0.574 : 0.234;
}

double Walker::first_log_step() const
{
  if (settings_.step > 0) return std::log(settings_.step);
  const auto n = static_cast<double>(prior_mean_.size());
  switch (settings_.kind) {
    case Walk::random_walk:
      return std::log(0.1 * *std::min_element(prior_deviation_.begin(), prior_deviation_.end()));
    case Walk::pcn: return std::log(0.1);
    case Walk::preconditioned: return std::log(2.38 / std::sqrt(n));
    case Walk::langevin: return std::log(std::pow(n, -1.0 / 6));
  }
  return 0;
}

void Walker::propose(const Point& from, double log_step, Random& random, std::span<double> scratch,
                     std::span<double> to) const
{
  const std::size_t n = prior_mean_.size();
  const double step = std::exp(log_step);
  for (double& number : scratch) number = random.normal();
  if (settings_.kind == Walk::random_walk) {
    for (std::size_t i = 0; i < n; ++i) to[i] = from.theta[i] + step * scratch[i];
    return;
  }
  // Cotter, Roberts, Stuart and White 2013.
  if (settings_.kind == Walk::pcn) {
    const double beta = std::min(1.0, step);
    const double stays = std::sqrt(1 - beta * beta);
    for (std::size_t i = 0; i < n; ++i)
      to[i] = prior_mean_[i] + stays * (from.theta[i] - prior_mean_[i]) +
              beta * prior_deviation_[i] * scratch[i];
    return;
  }
  if (follows_gradient()) drift(from, step, 1, scratch);
  for (std::size_t i = 0; i < n; ++i) {
    const double* row = factor_.data() + i * n;
    double sum = 0;
    for (std::size_t j = 0; j <= i; ++j) sum += row[j] * scratch[j];
    to[i] = from.theta[i] + step * sum;
  }
}

void Walker::drift(const Point& from, double step, double sign, std::span<double> drawn) const
{
  const std::size_t n = prior_mean_.size();
  std::vector<double> along(n, 0);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j <= i; ++j) along[j] += factor_[i * n + j] * from.gradient[i];
  double square = 0;
  for (const double number : along) square += number * number;
  const double length = 0.5 * step * std::sqrt(square);
  const double longest = std::sqrt(static_cast<double>(n));
  const double factor = 0.5 * step * sign * (length > longest ? longest / length : 1.0);
  for (std::size_t j = 0; j < n; ++j) drawn[j] += factor * along[j];
}

// Without its constant: minus half the square of what `propose` must have drawn.
double Walker::log_density(const Point& from, const Point& to, double step) const
{
  const std::size_t n = prior_mean_.size();
  std::vector<double> drawn(n);
  for (std::size_t i = 0; i < n; ++i) {
    const double* row = factor_.data() + i * n;
    double rest = (to.theta[i] - from.theta[i]) / step;
    for (std::size_t j = 0; j < i; ++j) rest -= row[j] * drawn[j];
    drawn[i] = rest / row[i];
  }
  drift(from, step, -1, drawn);
  double sum = 0;
  for (const double number : drawn) sum += number * number;
  return -0.5 * sum;
}

double Walker::log_ratio(const Point& from, const Point& to, double log_step) const
{
  const double likelihoods = to.log_likelihood - from.log_likelihood;
  if (settings_.kind == Walk::pcn) return likelihoods;
  const double both = likelihoods + to.log_prior - from.log_prior;
  if (!follows_gradient() || !std::isfinite(both)) return both;
  const double step = std::exp(log_step);
  return both + log_density(to, from, step) - log_density(from, to, step);
}

}  // namespace cardan::inverse
