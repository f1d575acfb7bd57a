#include "asset.hpp"

#include "climate.hpp"
#include "lorenz96.hpp"
#include "two_scale.hpp"

#include <algorithm>
#include <cmath>

namespace twin {

namespace {

/// Steps of at most `dt` that make an interval.
int steps_of(double interval, double dt)
{
  return std::max(1, static_cast<int>(std::ceil(interval / dt - 1e-9)));
}

Lorenz96::Settings one_scale(const Problem& problem, int steps)
{
  return {.sites = static_cast<int>(problem.variables),
          .forcing = problem.forcing,
          .dt = problem.interval / steps};
}

TwoScale::Settings two_scale(const Problem& problem, int steps)
{
  return {.slow = static_cast<int>(problem.variables),
          .fast = static_cast<int>(problem.fast),
          .forcing = problem.forcing,
          .coupling = problem.coupling,
          .dt = problem.interval / steps};
}

}  // namespace

Asset::Asset(const Problem& problem, std::uint64_t seed)
    : problem_(problem),
      seed_(seed),
      forcing_(problem.forcing),
      steps_(steps_of(problem.interval, problem.asset == "two_scale" ? 0.005 : 0.05))
{
  if (problem.asset == "two_scale") {
    auto model = std::make_unique<TwoScale>(two_scale(problem, steps_));
    set_forcing_ = [of = model.get()](double forcing) { of->force(forcing); };
    model_ = std::move(model);
  } else {
    auto model = std::make_unique<Lorenz96>(one_scale(problem, steps_));
    set_forcing_ = [of = model.get()](double forcing) { of->force(forcing); };
    model_ = std::move(model);
  }
  state_ = attractor_state(*model_, seed_);
}

Climate history(const Problem& problem, double time)
{
  constexpr std::uint64_t seed = 0x9e3779b97f4a7c15;  // of no run
  const auto size = static_cast<std::size_t>(problem.variables);
  if (problem.asset == "two_scale") {
    TwoScale model{two_scale(problem, steps_of(problem.interval, 0.005))};
    return climate_of(model, seed, time, 10, size);
  }
  Lorenz96 model{one_scale(problem, steps_of(problem.interval, 0.05))};
  return climate_of(model, seed, time, 1, size);
}

void Asset::advance(double control)
{
  set_forcing_(forcing_ + control);
  model_->advance(state_, steps_);
}

std::span<const double> Asset::truth() const
{
  return {state_.data(), static_cast<std::size_t>(problem_.variables)};
}

Observation Asset::measure(std::span<const std::int64_t> sites, std::int64_t cycle, int part,
                           int parts) const
{
  std::vector<int> own;
  for (const auto site : sites)
    if (site >= 0 && site * parts / problem_.variables == part)
      own.push_back(static_cast<int>(site));
  return observe(truth(), own, problem_.noise, seed_, cycle);
}

std::int64_t Asset::most_sites(const Problem& problem, int parts)
{
  const std::int64_t sites = problem.observed > 0 ? problem.observed : problem.variables;
  return std::min(sites, (problem.variables + parts - 1) / parts);
}

double energy_of(std::span<const double> state)
{
  double sum = 0;
  for (const double x : state) sum += x * x;
  return sum / 2 / static_cast<double>(state.size());
}

double rms_difference(std::span<const double> a, std::span<const double> b)
{
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return std::sqrt(sum / static_cast<double>(a.size()));
}

}  // namespace twin
