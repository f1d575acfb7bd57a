#include "report.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>

namespace steer {

namespace {

std::string short_number(double value)
{
  return value >= 1e4 || (value != 0 && value < 0.01) ? fmt::format("{:.3g}", value)
         : value >= 100                               ? fmt::format("{:.0f}", value)
                                                      : fmt::format("{:.3g}", value);
}

std::string median_of(const Group& group)
{
  if (const auto value = median_coverage(group)) return short_number(*value);
  return "> " + short_number(group.runs.front()->plan.budget);
}

/// Lowest and highest; a censored run is above all.
std::string range_of(const Group& group)
{
  std::vector<double> covered;
  for (const auto* run : group.runs)
    if (run->coverage_time) covered.push_back(*run->coverage_time);
  if (covered.empty()) return "";
  const auto [low, high] = std::minmax_element(covered.begin(), covered.end());
  return fmt::format("{} .. {}", short_number(*low),
                     covered.size() == group.runs.size() ? short_number(*high) : "censored");
}

std::string ratio_of(const std::vector<Group>& groups, const Group& group)
{
  const Group* independent = independent_of(groups, group);
  if (independent == nullptr || independent == &group) return "";
  const auto ratio = ratio_to(*independent, group);
  if (!ratio) return "";
  return fmt::format("{}{:.3g}", ratio->at_least ? "> " : "", ratio->value);
}

std::string middle(const std::optional<Spread>& spread)
{
  return spread ? short_number(spread->median) : "";
}

double median_seconds(const Group& group)
{
  std::vector<double> seconds;
  for (const auto* run : group.runs) seconds.push_back(run->sums.seconds);
  return spread_of(seconds)->median;
}

void print_coverage(const std::vector<Group>& groups)
{
  fmt::print("\n  {:<12} {:>7} {:>8}  {:>9}  {:<20} {:>9}  {:>7}  {:>10} {:>9}\n", "method", "kT",
             "covered", "median", "lowest .. highest", "less time", "seconds", "latency,us",
             "work,us");
  for (const auto& group : groups) {
    const auto covered = std::count_if(group.runs.begin(), group.runs.end(), [](const auto* run) {
      return run->coverage_time.has_value();
    });
    fmt::print("  {:<12} {:>7} {:>4} / {:<2} {:>10}  {:<20} {:>9}  {:>7.2f}  {:>10} {:>9}\n",
               group.method, short_number(group.temperature), covered, group.runs.size(),
               median_of(group), range_of(group), ratio_of(groups, group), median_seconds(group),
               middle(latency_of(group)), middle(work_of(group)));
  }
  fmt::print(
      "  median: simulated time of all walkers until the last state was found; less time: the "
      "same\n"
      "  of independent walkers over it; seconds: of a run; latency: from frame to decision "
      "applied\n");
}

void print_shares(const std::string& title, const std::vector<std::string>& names,
                  const Shares& shares, const std::vector<double>& equilibrium)
{
  fmt::print("\n  {}\n  {:<14} {:>10} {:>10} {:>12}\n", title, "state", "share", "+-",
             "equilibrium");
  for (std::size_t i = 0; i < std::min(names.size(), shares.mean.size()); ++i)
    fmt::print("  {:<14} {:>10.5f} {:>10.5f} {:>12}\n", names[i], shares.mean[i], shares.error[i],
               i < equilibrium.size() ? fmt::format("{:.5f}", equilibrium[i]) : "");
}

void print_populations(const std::vector<Group>& groups)
{
  for (const auto& group : groups) {
    const Episode& first = *group.runs.front();
    print_shares(group.method + ": share of the time in each state", first.states,
                 populations_of(group), first.equilibrium);
    if (!first.isomers.empty())
      print_shares(group.method + ": the same of isomers", first.isomers, isomers_of(group),
                   first.isomer_equilibrium);
  }
}

void print_async(const std::vector<Group>& groups)
{
  fmt::print("\n  {:<12} simulated time per second\n", "mode");
  const std::vector<double>* barrier = nullptr;
  std::vector<std::vector<double>> rates;
  rates.reserve(groups.size());
  for (const auto& group : groups) rates.push_back(rates_of(group));
  for (std::size_t g = 0; g < groups.size(); ++g) {
    fmt::print("  {:<12} {:.4g} (median)", groups[g].method, spread_of(rates[g])->median);
    for (const double rate : rates[g]) fmt::print(" {:.4g}", rate);
    fmt::print("\n");
    if (groups[g].method == "barrier") barrier = &rates[g];
  }
  if (barrier == nullptr || rates.size() < 2) return;
  std::vector<double> ratios;
  for (std::size_t i = 0; i < rates.back().size(); ++i)
    ratios.push_back(rates.back()[i] / (*barrier)[i]);
  const auto spread = *spread_of(ratios);
  fmt::print("  asynchronous over barrier: {:.2f} ({:.2f} .. {:.2f})\n", spread.median, spread.p5,
             spread.p95);
}

void print_latency(const std::vector<Group>& groups)
{
  fmt::print("\n  {:<12} {:>9}  {:>28}  {:>12}  {:>28}\n", "method", "decisions",
             "latency, us: median (5 .. 95 %)", "work, us", "between them (5 .. 95 %)");
  for (const auto& group : groups) {
    const auto latency = latency_of(group);
    if (!latency) continue;
    const auto over = *overhead_of(group);
    fmt::print(
        "  {:<12} {:>9}  {:>10.1f} ({:>7.1f} ..{:>9.1f})  {:>12.1f}  {:>8.1f} ({:>7.1f} "
        "..{:>9.1f})\n",
        group.method, latency->count, latency->median, latency->p5, latency->p95,
        work_of(group)->median, over.median, over.p5, over.p95);
  }
}

void print_swarm(const std::vector<Group>& groups)
{
  for (const auto& group : groups) {
    fmt::print("\n  {:<6} {:>14} {:>12} {:>9}\n", "seed", "lowest energy", "hops to it", "seconds");
    for (const auto* run : group.runs)
      fmt::print("  {:<6} {:>14.6f} {:>12} {:>9.2f}\n", run->plan.seed, run->lowest,
                 run->coverage_time ? fmt::format("{:.0f}", *run->coverage_time)
                                    : "> " + short_number(run->plan.budget),
                 run->sums.seconds);
  }
}

}  // namespace

void print_tables(const Results& results)
{
  const auto groups = grouped(results.episodes);
  const Episode& first = results.episodes.front();
  fmt::print("\nsteer: {} ({}), kT = {}, {} walkers, segments of {}, budget {}, {}\n",
             first.plan.system.name, first.plan.system.target, first.plan.system.temperature,
             first.members, first.plan.segment, short_number(results.settings.budget),
             first.barrier ? "in rounds" : "asynchronous");
  if (results.report == "async") {
    print_async(groups);
  } else if (results.report == "latency") {
    print_latency(groups);
  } else if (first.plan.hops > 0) {
    print_swarm(groups);
  } else {
    if (results.report != "resample") print_coverage(groups);
    if (results.report == "resample") print_populations(groups);
  }
  fmt::print("\n  {} runs in {:.1f} s\n", results.episodes.size(), results.wall_seconds);
}

void report(const Results& results, const std::string& folder)
{
  const auto archive = (std::filesystem::path(folder) / "steer.h5").string();
  const auto summary = (std::filesystem::path(folder) / "summary.json").string();
  write_archive(results, archive);
  std::ofstream file{summary};
  file << summary_text(results) << '\n';
  if (!file.flush()) throw cardan::Error{"cannot write " + summary};
  print_tables(results);
  fmt::print("\nwrote {}\nwrote {}\n", archive, summary);
  std::fflush(stdout);
}

}  // namespace steer
