#include "figures.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace steer {

namespace {

template <class Of>
std::optional<Spread> micro(const Group& group, Of&& of)
{
  std::vector<double> values;
  for (const auto* run : group.runs)
    for (std::size_t i = 0; i < run->latency.size(); ++i)
      values.push_back(1e6 * of(run->latency[i], run->work[i]));
  return spread_of(std::move(values));
}

template <class Of>
Shares shares(const Group& group, Of&& of)
{
  Shares result;
  const std::size_t count = of(*group.runs.front()).size();
  const auto n = static_cast<double>(group.runs.size());
  for (std::size_t s = 0; s < count; ++s) {
    double sum = 0;
    double squares = 0;
    for (const auto* run : group.runs) sum += of(*run)[s];
    const double mean = sum / n;
    for (const auto* run : group.runs) squares += std::pow(of(*run)[s] - mean, 2);
    result.mean.push_back(mean);
    result.error.push_back(n > 1 ? std::sqrt(squares / (n - 1) / n) : 0);
  }
  return result;
}

}  // namespace

std::vector<Group> grouped(const std::vector<Episode>& episodes)
{
  std::vector<Group> groups;
  for (const auto& episode : episodes) {
    const auto same = std::find_if(groups.begin(), groups.end(), [&](const Group& group) {
      return group.method == episode.plan.method &&
             group.temperature == episode.plan.system.temperature;
    });
    Group& group =
        same != groups.end()
            ? *same
            : groups.emplace_back(Group{episode.plan.method, episode.plan.system.temperature, {}});
    group.runs.push_back(&episode);
  }
  return groups;
}

std::optional<double> median(std::vector<std::optional<double>> values)
{
  if (values.empty()) return std::nullopt;
  std::sort(values.begin(), values.end(),
            [](const auto& a, const auto& b) { return a && (!b || *a < *b); });
  const auto low = values[(values.size() - 1) / 2];
  const auto high = values[values.size() / 2];
  if (!low || !high) return std::nullopt;
  return (*low + *high) / 2;
}

std::optional<Spread> spread_of(std::vector<double> values)
{
  if (values.empty()) return std::nullopt;
  std::sort(values.begin(), values.end());
  const auto at = [&](double share) {
    const double place = share * static_cast<double>(values.size() - 1);
    const auto low = static_cast<std::size_t>(place);
    const auto high = std::min(low + 1, values.size() - 1);
    return values[low] + (place - static_cast<double>(low)) * (values[high] - values[low]);
  };
  return Spread{at(0.05), at(0.25), at(0.5), at(0.75), at(0.95), values.size()};
}

std::optional<double> median_coverage(const Group& group)
{
  std::vector<std::optional<double>> times;
  for (const auto* run : group.runs) times.push_back(run->coverage_time);
  return median(std::move(times));
}

std::optional<Spread> latency_of(const Group& group)
{
  return micro(group, [](double latency, double) { return latency; });
}

std::optional<Spread> work_of(const Group& group)
{
  return micro(group, [](double, double work) { return work; });
}

std::optional<Spread> overhead_of(const Group& group)
{
  return micro(group, [](double latency, double work) { return latency - work; });
}

Shares populations_of(const Group& group)
{
  return shares(
      group, [](const Episode& run) -> auto& { return run.sums.populations; });
}

Shares isomers_of(const Group& group)
{
  return shares(
      group, [](const Episode& run) -> auto& { return run.isomer_populations; });
}

std::optional<Ratio> ratio_to(const Group& independent, const Group& group)
{
  const auto own = median_coverage(group);
  if (!own || !(*own > 0)) return std::nullopt;
  if (const auto other = median_coverage(independent)) return Ratio{*other / *own, false};
  return Ratio{independent.runs.front()->plan.budget / *own, true};
}

const Group* independent_of(const std::vector<Group>& groups, const Group& group)
{
  for (const auto& one : groups)
    if (one.method == "independent" && one.temperature == group.temperature) return &one;
  return nullptr;
}

std::vector<double> rates_of(const Group& group)
{
  std::vector<double> rates;
  for (const auto* run : group.runs) rates.push_back(run->sums.time / run->sums.seconds);
  return rates;
}

}  // namespace steer
