#include "report.hpp"

#include "figures.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>

namespace reduce {

namespace {

std::string quotient_of(const std::optional<double>& value, bool at_most)
{
  return value ? fmt::format("{}{:.3g}", at_most ? "< " : "", *value) : "-";
}

void print_cost(const Results& results)
{
  const auto runs = of_kind(results.episodes, "cost");
  if (runs.empty()) return;
  const Cost cost = cost_of(runs);
  const Plan& plan = runs.front()->plan;
  fmt::print(
      "\n  cost: {}, eps {:g}, one put every {} steps, {} runs of {} puts\n"
      "    solver between two puts    {:8.2f} ms ({:.2f} .. {:.2f})\n"
      "    put                        {:8.2f} ms ({:.2f} .. {:.2f})\n"
      "    put over solver            {:8.2f} %  ({:.2f} .. {:.2f}); of whole runs: {:.2f} %\n"
      "    bytes: 1 moves for each    {:8.2f} of the fields (float64)\n"
      "    medians over all puts of the slowest rank, and 5 .. 95 %\n",
      plan.encoder, plan.eps, plan.stride, runs.size(), plan.puts, 1e3 * cost.solving.median,
      1e3 * cost.solving.p5, 1e3 * cost.solving.p95, 1e3 * cost.putting.median,
      1e3 * cost.putting.p5, 1e3 * cost.putting.p95, 100 * cost.of_puts.median,
      100 * cost.of_puts.p5, 100 * cost.of_puts.p95, 100 * cost.fraction, cost.ratio);
}

void print_rate(const Results& results)
{
  const auto runs = of_kind(results.episodes, "rate");
  if (runs.empty()) return;
  fmt::print(
      "\n  rate against distortion (errors in units of the range)\n  {:<8} {:>7} {:>12} {:>7} "
      "{:>11} {:>11} {:>9} {:>8}\n",
      "encoder", "eps", "bits/number", "ratio", "max error", "rms error", "latents", "learning");
  const double range = range_of(results.settings.system.name);
  for (const auto* run : runs)
    fmt::print("  {:<8} {:>7.0e} {:>12.3f} {:>7.1f} {:>11.3e} {:>11.3e} {:>7.1f} % {:>6.2f} s\n",
               run->plan.encoder, run->plan.eps, run->bits(), run->ratio(),
               run->judged.max_error / range, rms_error(*run) / range, 100 * run->latent_share(),
               run->learning);
  fmt::print("  {:<8} {:>7} {:>12} {:>7} {:>11} {:>11}\n", "raw", "", 64, 1, 0, 0);
}

void print_comparison(const Results& results)
{
  const auto all = at_equal_bytes(of_kind(results.episodes, "rate"));
  if (all.empty()) return;
  fmt::print(
      "\n  at equal bytes: error over that of uniform quantisation with entropy coding (below 1: "
      "better)\n  {:<8} {:>7} {:>12} {:>9} {:>9}\n",
      "encoder", "eps", "bits/number", "rms", "max");
  for (const auto& one : all)
    fmt::print("  {:<8} {:>7.0e} {:>12.3f} {:>9} {:>9}\n", one.encoder, one.eps, one.bits,
               quotient_of(one.rms, one.at_most), quotient_of(one.max, one.at_most));
  for (const auto& best : best_of(all)) {
    // A field that takes fewer bytes without its encoder goes without it: the same as "none".
    const bool pays = *best.rms < 0.999;
    fmt::print("  eps {:.0e}: {}\n", best.eps,
               pays ? fmt::format("the best is {}: {} times uniform quantisation's rms error",
                                  best.encoder, quotient_of(best.rms, best.at_most))
                    : std::string{"NO encoder is better than uniform quantisation"});
  }
}

void print_bound(const Results& results)
{
  std::vector<const Episode*> runs;
  for (const auto& episode : results.episodes)
    if (episode.plan.judged) runs.push_back(&episode);
  if (runs.empty()) return;
  fmt::print(
      "\n  the bound, checked by the receiver against fields that it computed itself\n"
      "  {:<8} {:>7} {:>12} {:>8} {:>14} {:>11} {:>10}\n",
      "encoder", "eps", "numbers", "beyond", "max error/eps", "exceptions", "same bits");
  for (const auto* run : runs)
    fmt::print("  {:<8} {:>7.0e} {:>12} {:>8} {:>14.6f} {:>11} {:>7} / {}\n", run->plan.encoder,
               run->plan.eps, run->judged.numbers, run->judged.beyond,
               run->judged.max_error / run->plan.bound, run->exceptions,
               run->judged.puts - run->judged.mismatched, run->judged.puts);
}

void print_drift(const Results& results)
{
  const auto runs = of_kind(results.episodes, "drift");
  if (runs.empty()) return;
  fmt::print(
      "\n  drift: parameters change half way; ratio (and share of latents) just before, just after "
      "and at the end\n  {:<8} {:<10} {:>16} {:>16} {:>16} {:>9}\n",
      "encoder", "", "before", "after", "end", "encoders");
  for (const auto* run : runs) {
    const Drift drift = drift_of(*run);
    const auto cell = [](double ratio, double share) {
      return fmt::format("{:.1f} ({:.0f} %)", ratio, 100 * share);
    };
    fmt::print("  {:<8} {:<10} {:>16} {:>16} {:>16} {:>9}\n", drift.encoder,
               drift.retrain ? "retrained" : "as it was", cell(drift.before, drift.latent_before),
               cell(drift.after, drift.latent_after), cell(drift.end, drift.latent_end),
               run->encoders);
  }
}

}  // namespace

const Episode* headline(const Results& results)
{
  const Episode* best = nullptr;
  const auto distance = [&](const Episode& episode) {
    return std::abs(std::log(episode.plan.eps / results.settings.eps));
  };
  for (const auto& episode : results.episodes) {
    if (episode.plan.encoder != results.settings.encoder) continue;
    const bool judged = best != nullptr && episode.plan.judged && !best->plan.judged;
    if (best == nullptr || distance(episode) < distance(*best) ||
        (judged && distance(episode) <= distance(*best)))
      best = &episode;
  }
  return best;
}

void print_tables(const Results& results)
{
  const Episode& first = results.episodes.front();
  fmt::print("\nreduce: {}, {} x {} x {} cells, range {:g}, {} simulation and {} ML ranks\n",
             results.settings.system.name, first.cells[0], first.cells[1], first.cells[2],
             range_of(results.settings.system.name), first.simulation_ranks, first.ml_ranks);
  print_rate(results);
  print_comparison(results);
  print_bound(results);
  print_drift(results);
  print_cost(results);
  fmt::print("\n  {} runs in {:.1f} s\n", results.episodes.size(), results.wall_seconds);
}

void report(const Results& results, const std::string& folder)
{
  const auto archive = (std::filesystem::path(folder) / "reduce.h5").string();
  const auto summary = (std::filesystem::path(folder) / "summary.json").string();
  write_archive(results, archive);
  std::ofstream file{summary};
  file << summary_text(results) << '\n';
  if (!file.flush()) throw cardan::Error{"cannot write " + summary};
  print_tables(results);
  fmt::print("\nwrote {}\nwrote {}\n", archive, summary);
  std::fflush(stdout);
}

}  // namespace reduce
