#include "report.hpp"

#include "cole_hopf.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>

namespace adapt {

namespace {

std::string number(const std::optional<double>& value)
{
  return value ? fmt::format("{:.4g}", *value) : "-";
}

template <class Of>
std::optional<double> middle(const Group& group, Of&& of)
{
  std::vector<std::optional<double>> values;
  values.reserve(group.runs.size());
  for (const auto* run : group.runs) values.emplace_back(of(*run));
  return median(values);
}

std::string ratio_of(const std::vector<Group>& groups, const Group& group)
{
  const auto ratio = ratio_to_random(groups, group);
  return ratio ? fmt::format("{}{:.3g}", ratio->at_least ? "> " : "", ratio->value) : "";
}

void print_methods(const std::vector<Group>& groups, const std::string& task)
{
  fmt::print("\n  {:<11} {:>7} {:>8} {:>10} {:>8} {:>11} {:>9} {:>8} {:>8}\n", "method", "trials",
             "reached", "epochs to", "less", "regret", "epochs", "killed", "seconds");
  for (const auto& group : groups) {
    if (group.task != task) continue;
    const auto reached = std::count_if(group.runs.begin(), group.runs.end(), [](const auto* run) {
      return epochs_to_target(*run).has_value();
    });
    fmt::print(
        "  {:<11} {:>7} {:>4} / {:<2} {:>9} {:>8} {:>11} {:>9} {:>7.0f}% {:>8}\n", group.method,
        number(middle(group, [](const Episode& r) { return double(r.report.trials); })), reached,
        group.runs.size(), number(median_epochs_to_target(group)), ratio_of(groups, group),
        number(median_regret(group)),
        number(middle(group, [](const Episode& r) { return double(r.report.total_epochs); })),
        100 * middle(group, [](const Episode& r) { return r.report.killed_fraction; }).value_or(0),
        number(middle(group, [](const Episode& r) { return r.report.wall; })));
  }
  fmt::print(
      "  medians over seeds; epochs to: of all trials together until the target was reached; "
      "less:\n"
      "  random search's over the method's; killed: epochs of trials that did not go on to the "
      "end\n");
}

void print_ranks(const std::vector<Group>& groups, const std::string& task)
{
  fmt::print("\n  {:<11} {:>9} {:>11} {:>8} {:>6} {:>8}   shares of the simulation ranks' time\n",
             "ranks", "training", "simulating", "waiting", "moves", "samples");
  for (const auto& group : groups) {
    if (group.task != task) continue;
    const auto share = [&](double cardan::TuningReport::*part) {
      return 100 * middle(group, [&](const Episode& r) {
                     const double all = r.report.training + r.report.simulating + r.report.waiting;
                     return all > 0 ? r.report.*part / all : 0;
                   }).value_or(0);
    };
    using Report = cardan::TuningReport;
    fmt::print("  {:<11} {:>8.1f}% {:>10.1f}% {:>7.1f}% {:>6} {:>8}\n", group.method,
               share(&Report::training), share(&Report::simulating), share(&Report::waiting),
               number(middle(group, [](const Episode& r) { return double(r.report.moves); })),
               number(middle(group, [](const Episode& r) { return double(r.report.samples); })));
  }
}

void print_shock(const std::vector<Group>& groups)
{
  fmt::print(
      "\n  the best trial's surrogate at nu = 0.01 / pi: lowest slope at x = 0 (exact "
      "{:.5f} at pi t = {})\n",
      published_slope, published_pi_time);
  for (const auto& group : groups) {
    const Episode* best = nullptr;
    for (const auto* run : group.runs)
      if (run->shock && (best == nullptr || run->report.best_loss < best->report.best_loss))
        best = run;
    if (best == nullptr) continue;
    const auto& shock = *best->shock;
    fmt::print("  {:<11} {:>10.3f} ({:+.2f} %) at pi t = {:.4f}; error of u {:.2g} (rms)\n",
               group.method, shock.slope, 100 * (shock.slope / published_slope - 1), shock.pi_time,
               shock.rms);
    fmt::print("  {:<11} seed {}: {}\n", "", best->plan.seed, best_values(*best));
  }
}

}  // namespace

void print_tables(const Results& results)
{
  const auto groups = grouped(results.episodes);
  for (const auto& task : results.settings.tasks) {
    const auto first = std::find_if(groups.begin(), groups.end(),
                                    [&](const Group& group) { return group.task == task; });
    if (first == groups.end()) continue;
    const Episode& run = *first->runs.front();
    fmt::print("\nadapt: {}, {} seeds, {} simulation ranks, {} ML ranks\n", task,
               first->runs.size(), run.simulation_ranks, run.ml_ranks);
    print_methods(groups, task);
    print_ranks(groups, task);
    if (task == "burgers") print_shock(groups);
  }
  fmt::print("\n  {} runs in {:.1f} s\n", results.episodes.size(), results.wall_seconds);
}

void report(const Results& results, const std::string& folder)
{
  const auto archive = (std::filesystem::path(folder) / "adapt.h5").string();
  const auto summary = (std::filesystem::path(folder) / "summary.json").string();
  write_archive(results, archive);
  std::ofstream file{summary};
  file << summary_text(results) << '\n';
  if (!file.flush()) throw cardan::Error{"cannot write " + summary};
  print_tables(results);
  fmt::print("\nwrote {}\nwrote {}\n", archive, summary);
  std::fflush(stdout);
}

}  // namespace adapt
