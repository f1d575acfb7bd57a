#include "figures.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

namespace twin {

namespace {

constexpr std::int64_t window = 50;

template <class Values>
double mean_of(const Values& values, std::int64_t begin, std::int64_t end)
{
  if (end <= begin) return std::nan("");
  return std::accumulate(values.begin() + begin, values.begin() + end, 0.0) /
         static_cast<double>(end - begin);
}

template <class Values>
double after_spin_up(const Episode& run, const Values& values)
{
  return mean_of(values, run.plan.problem.spin_up, static_cast<std::int64_t>(values.size()));
}

std::optional<Percentiles> micro(const Group& group, Series Episode::*series)
{
  std::vector<double> values;
  for (const auto* run : group.runs)
    for (const double seconds : run->*series) values.push_back(1e6 * seconds);
  return percentiles(std::move(values));
}

bool same(const Series& a, const Series& b)
{
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0;
}

}  // namespace

std::vector<Group> grouped(const std::vector<Episode>& episodes)
{
  std::vector<Group> groups;
  for (const auto& episode : episodes) {
    const auto group = std::find_if(groups.begin(), groups.end(), [&](const Group& one) {
      return one.method == episode.plan.method;
    });
    if (group != groups.end())
      group->runs.push_back(&episode);
    else
      groups.push_back({episode.plan.method, {&episode}});
  }
  return groups;
}

const Group* find(const std::vector<Group>& groups, const std::string& method)
{
  for (const auto& group : groups)
    if (group.method == method) return &group;
  return nullptr;
}

double analysis_rmse(const Episode& run)
{
  return after_spin_up(run, run.analysis_error);
}

double forecast_rmse(const Episode& run)
{
  return after_spin_up(run, run.forecast_error);
}

double mean_spread(const Episode& run)
{
  return after_spin_up(run, run.spread);
}

double mean_energy(const Episode& run)
{
  return after_spin_up(run, run.energy);
}

double trusted_share(const Episode& run)
{
  return after_spin_up(run, run.trusted);
}

Mean over_seeds(const Group& group, double (*of)(const Episode&))
{
  Mean result;
  for (const auto* run : group.runs) result.values.push_back(of(*run));
  const auto n = static_cast<double>(result.values.size());
  result.mean = std::accumulate(result.values.begin(), result.values.end(), 0.0) / n;
  double squares = 0;
  for (const double value : result.values) squares += std::pow(value - result.mean, 2);
  result.deviation = n > 1 ? std::sqrt(squares / (n - 1)) : 0;
  return result;
}

Mean reduction(const Mean& a, const Mean& b)
{
  Mean result;
  for (std::size_t i = 0; i < std::min(a.values.size(), b.values.size()); ++i)
    result.values.push_back(1 - b.values[i] / a.values[i]);
  const auto n = static_cast<double>(result.values.size());
  result.mean = std::accumulate(result.values.begin(), result.values.end(), 0.0) / n;
  double squares = 0;
  for (const double value : result.values) squares += std::pow(value - result.mean, 2);
  result.deviation = n > 1 ? std::sqrt(squares / (n - 1)) : 0;
  return result;
}

std::optional<Percentiles> percentiles(std::vector<double> values)
{
  std::erase_if(values, [](double value) { return !std::isfinite(value); });
  if (values.empty()) return std::nullopt;
  std::sort(values.begin(), values.end());
  const auto at = [&](double share) {
    return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
  };
  return Percentiles{at(0.5), at(0.95), at(0.99), at(0.999), values.back(), values.size()};
}

std::optional<Percentiles> latency_of(const Group& group)
{
  return micro(group, &Episode::latency);
}

std::optional<Percentiles> work_of(const Group& group)
{
  return micro(group, &Episode::work);
}

std::optional<Recovery> recovery_of(const Episode& run)
{
  const auto& regime = run.plan.problem.regime;
  const auto cycles = static_cast<std::int64_t>(run.analysis_error.size());
  if (!regime || regime->cycle + 2 * window > cycles) return std::nullopt;
  const auto& error = run.analysis_error;
  Recovery recovery;
  recovery.before = mean_of(error,
                            std::max({std::min(run.plan.problem.spin_up, regime->cycle - 1),
                                      regime->cycle - 500, std::int64_t{0}}),
                            regime->cycle);
  recovery.after = mean_of(error, cycles - std::max(window, (cycles - regime->cycle) / 4), cycles);
  std::int64_t worst = regime->cycle;
  for (std::int64_t c = regime->cycle; c + window <= cycles; ++c) {
    const double mean = mean_of(error, c, c + window);
    if (mean > recovery.peak) worst = c;
    recovery.peak = std::max(recovery.peak, mean);
  }
  // The first window within a level; what is not above it at its worst was never gone.
  const auto until = [&](double level) -> std::optional<double> {
    if (recovery.peak <= level) return 0.0;
    for (std::int64_t c = worst; c + window <= cycles; ++c)
      if (mean_of(error, c, c + window) <= level) return static_cast<double>(c - regime->cycle);
    return std::nullopt;
  };
  recovery.to_before = until(1.5 * recovery.before);
  recovery.to_after = until(1.1 * recovery.after);
  return recovery;
}

bool same_bits(const Episode& a, const Episode& b)
{
  return same(a.analysis_error, b.analysis_error) && same(a.forecast_error, b.forecast_error) &&
         same(a.spread, b.spread);
}

}  // namespace twin
