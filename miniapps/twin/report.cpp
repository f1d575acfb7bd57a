#include "report.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>

namespace twin {

namespace {

std::string with_deviation(const Mean& mean)
{
  return mean.values.size() > 1 ? fmt::format("{:.4f} +- {:.4f}", mean.mean, mean.deviation)
                                : fmt::format("{:.4f}", mean.mean);
}

std::int64_t misses_of(const Group& group)
{
  std::int64_t missed = 0;
  for (const auto* run : group.runs) missed += run->counters.missed;
  return missed;
}

void print_errors(const std::vector<Group>& groups)
{
  fmt::print("\n  {:<20} {:>5}  {:<18} {:<18} {:>7} {:>8} {:>7} {:>10} {:>8}\n", "method", "seeds",
             "analysis RMSE", "forecast RMSE", "spread", "trusted", "missed", "latency,us",
             "work,us");
  for (const auto& group : groups) {
    const auto latency = latency_of(group);
    const auto work = work_of(group);
    fmt::print("  {:<20} {:>5}  {:<18} {:<18} {:>7.3f} {:>7.0f}% {:>7} {:>10} {:>8}\n",
               group.method, group.runs.size(), with_deviation(over_seeds(group, analysis_rmse)),
               with_deviation(over_seeds(group, forecast_rmse)),
               over_seeds(group, mean_spread).mean, 100 * over_seeds(group, trusted_share).mean,
               misses_of(group), latency ? fmt::format("{:.1f}", latency->p50) : "",
               work ? fmt::format("{:.1f}", work->p50) : "");
  }
  fmt::print(
      "  means over the cycles after the spin-up and over seeds, with the deviation of a seed;\n"
      "  latency: median from publication to answer; work: of the twin\n");
}

void print_network(const std::vector<Group>& groups)
{
  for (const auto& group : groups) {
    if (!group.method.starts_with("network")) continue;
    const Group* filter = find(groups, "filter" + group.method.substr(7));
    if (filter == nullptr) continue;
    const auto less =
        reduction(over_seeds(*filter, forecast_rmse), over_seeds(group, forecast_rmse));
    const auto better = std::count_if(less.values.begin(), less.values.end(),
                                      [](double value) { return value > 0; });
    fmt::print("\n  {} against {}: forecast RMSE less by {:.1f} % +- {:.1f} %, in {} of {} seeds\n",
               group.method, filter->method, 100 * less.mean, 100 * less.deviation, better,
               less.values.size());
  }
  const Group* shut = find(groups, "shut");
  const Group* filter = find(groups, "filter");
  if (shut != nullptr && filter != nullptr)
    fmt::print("  with its gate shut: {} the filter alone\n",
               same_bits(*shut->runs.front(), *filter->runs.front()) ? "the same bits as"
                                                                     : "NOT the same bits as");
}

void print_regime(const std::vector<Group>& groups)
{
  fmt::print("\n  {:<20} {:>5} {:>8} {:>8} {:>8} {:>16} {:>16}\n", "method", "seed", "before",
             "peak", "after", "cycles to 1.5 x", "to 1.1 x after");
  const auto cycles = [](const std::optional<double>& value) {
    return value ? fmt::format("{:.0f}", *value) : std::string{"never"};
  };
  for (const auto& group : groups)
    for (const auto* run : group.runs)
      if (const auto recovery = recovery_of(*run))
        fmt::print("  {:<20} {:>5} {:>8.3f} {:>8.3f} {:>8.3f} {:>16} {:>16}\n", group.method,
                   run->plan.seed, recovery->before, recovery->peak, recovery->after,
                   cycles(recovery->to_before), cycles(recovery->to_after));
}

void print_clock(const std::vector<Group>& groups)
{
  fmt::print("\n  {:<20} {:>8} {:>7} {:>9} {:>8} {:>7} {:>8} {:>9} {:>9} {:>9}\n", "method",
             "cycles", "missed", "share", "longest", "late", "dropped", "p50,us", "p99,us",
             "p99.9,us");
  for (const auto& group : groups) {
    cardan::TwinCounters all;
    for (const auto* run : group.runs) {
      const auto& c = run->counters;
      all.cycles += c.cycles;
      all.late += c.late;
      all.dropped += c.dropped;
      all.longest_outage = std::max(all.longest_outage, c.longest_outage);
    }
    const auto latency = latency_of(group).value_or(Percentiles{});
    fmt::print("  {:<20} {:>8} {:>7} {:>8.4f}% {:>8} {:>7} {:>8} {:>9.0f} {:>9.0f} {:>9.0f}\n",
               group.method, all.cycles, misses_of(group),
               100.0 * static_cast<double>(misses_of(group)) / static_cast<double>(all.cycles),
               all.longest_outage, all.late, all.dropped, latency.p50, latency.p99, latency.p999);
  }
}

void print_energy(const std::vector<Group>& groups, double target)
{
  fmt::print("\n  {:<20} mean energy (target {:.3g})\n", "method", target);
  for (const auto& group : groups)
    fmt::print("  {:<20} {}\n", group.method, with_deviation(over_seeds(group, mean_energy)));
}

}  // namespace

const Group& main_group(const std::vector<Group>& groups)
{
  for (const char* name : {"network", "filter"})
    for (const auto& group : groups)
      if (group.method == name) return group;
  return groups.back();
}

void print_tables(const Results& results)
{
  const auto groups = grouped(results.episodes);
  const Episode& first = results.episodes.front();
  const Problem& problem = first.plan.problem;
  fmt::print(
      "\ntwin: {} asset, {} variables, F = {}, a cycle each {}, {} cycles after {}, {} asset and "
      "{} "
      "twin ranks{}\n",
      problem.asset == "two_scale" ? "two-scale" : "one-scale", problem.variables, problem.forcing,
      problem.interval, problem.cycles - problem.spin_up, problem.spin_up, first.asset_ranks,
      first.twin_ranks,
      first.plan.realtime ? fmt::format(", {:.0f} cycles a second", results.settings.clock.rate)
                          : "");
  print_errors(groups);
  print_network(groups);
  if (problem.regime) print_regime(groups);
  if (first.plan.realtime) print_clock(groups);
  if (results.report == "control") print_energy(groups, results.settings.target);
  fmt::print("\n  {} runs in {:.1f} s\n", results.episodes.size(), results.wall_seconds);
}

void report(const Results& results, const std::string& folder)
{
  const auto archive = (std::filesystem::path(folder) / "twin.h5").string();
  const auto summary = (std::filesystem::path(folder) / "summary.json").string();
  write_archive(results, archive);
  std::ofstream file{summary};
  file << summary_text(results) << '\n';
  if (!file.flush()) throw cardan::Error{"cannot write " + summary};
  print_tables(results);
  fmt::print("\nwrote {}\nwrote {}\n", archive, summary);
  std::fflush(stdout);
}

}  // namespace twin
