#include "report.hpp"

#include "wanted.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <utility>

namespace invert {

namespace {

std::string percent(const std::optional<double>& share)
{
  return share ? fmt::format("{:.1f} %", 100 * *share) : "-";
}

void print_methods(const Results& results)
{
  fmt::print("\n  {:<15} {:>8} {:>8} {:>9} {:>9} {:>8} {:>9} {:>8} {:>8} {:>13} {:>7}\n", "method",
             "solves", "before", "surrogate", "exact", "samples", "/solve", "/s", "careful",
             "Gelman-Rubin", "seconds");
  for (const auto& run : results.episodes) {
    const Speed speed = speed_of(run);
    fmt::print(
        "  {:<15} {:>8} {:>8} {:>9} {:>9} {:>8.1f} {:>9.2e} {:>8.2f} {:>8.1f} {:>6.2f} {:>6.2f} "
        "{:>7.1f}\n",
        run.plan.method, run.report.solves, run.report.solves_before,
        percent(first_acceptance(run)), percent(second_acceptance(run)), speed.effective,
        speed.per_solve, speed.per_second, speed.careful, speed.reduction_median,
        speed.reduction_largest, run.seconds);
  }
  fmt::print(
      "  surrogate, exact: accepted of what each stage saw; samples: effective, chain by chain, "
      "median over blocks,\n  over all solves, those before the first kept step among them; "
      "careful: of all chains together;\n  Gelman-Rubin: median and largest\n");
}

void print_surrogates(const Results& results)
{
  for (const auto& run : results.episodes)
    if (run.report.versions > 0)
      fmt::print("  {}: {} versions, {:.0f} solves old when it proposed, error {:.2f} deviations\n",
                 run.plan.method, run.report.versions, run.report.mean_age,
                 run.report.surrogate_error);
  for (const auto& run : results.episodes)
    if (run.report.coarse_solves > 0)
      fmt::print(
          "  {}: {} coarse solves, each {:.2f} of the work of an exact one; {:.2e} effective "
          "samples "
          "for so much work as an exact solve's\n",
          run.plan.method, run.report.coarse_solves, run.coarse_cost, speed_of(run).per_work);
}

void print_ratios(const Results& results)
{
  const Episode* walk = find(results.episodes, "random-walk");
  if (walk == nullptr) return;
  const Speed slow = speed_of(*walk);
  for (const auto& run : results.episodes) {
    if (&run == walk) continue;
    const Speed speed = speed_of(run);
    fmt::print(
        "  {}: {:.1f} times the effective samples of the published walk for each exact solve "
        "({:.1f} without its warm-up)\n",
        run.plan.method, speed.per_solve / slow.per_solve, speed.per_solve_after / slow.per_solve);
  }
  if (slow.reduction_largest > 1.1)
    fmt::print(
        "  the walk's chains do not agree yet: its effective samples are estimated generously, and "
        "these ratios are too small\n");
}

const char* verdict(const Comparison& one)
{
  if (one.same()) return "the same posterior";
  return one.long_enough() ? "NOT the same posterior" : "these chains are too short to say";
}

void print_comparisons(const Results& results)
{
  for (const auto& one : comparisons(results))
    fmt::print(
        "  {} and {}: {} identifiable blocks, Gelman-Rubin up to {:.2f}, scores: mean square "
        "{:.2f}, largest {:.2f} (chance: up to {:.2f}): {}\n",
        one.a, one.b, one.blocks.size(), one.reduction, one.mean_square, one.largest, one.bound,
        verdict(one));
}

void print_blocks(const Results& results)
{
  const Episode& run = main_run(results.episodes);
  fmt::print(
      "\n  mean of log a by {} (standard error), blocks as in the unit square, * where "
      "identifiable\n",
      run.plan.method);
  const auto known = identifiable(run, results.settings);
  for (int row = 7; row >= 0; --row) {
    fmt::print("  ");
    for (int column = 0; column < 8; ++column) {
      const int number = 8 * row + column;
      const auto block = static_cast<std::size_t>(number);
      const bool star = std::find(known.begin(), known.end(), block) != known.end();
      fmt::print("{:>7.2f} ({:.2f}){}", run.report.mean[block], run.errors[block],
                 star ? "*" : " ");
    }
    fmt::print("\n");
  }
}

void print_design(const Results& results)
{
  const Episode& run = results.episodes.front();
  const auto& report = run.report;
  fmt::print(
      "\n  a stiffness for the field \"{}\", within {:g} at {} points: {} exact solves, misfit "
      "{:.4g} at first, {:.4g} at the end\n",
      results.settings.wanted, results.settings.tolerance, 169, report.solves,
      report.misfits.empty() ? 0 : report.misfits.front(), report.misfit);
  for (const int cells : {32, 128})
    fmt::print("  simulated again on {} x {} cells: {:.5f} from the wanted field (rms)\n", cells,
               cells, design_error(run, results.settings, cells));
}

}  // namespace

const Episode& main_run(const std::vector<Episode>& episodes)
{
  const Episode* surrogate = find(episodes, "surrogate");
  return surrogate != nullptr ? *surrogate : episodes.front();
}

std::vector<Comparison> comparisons(const Results& results)
{
  std::vector<Comparison> list;
  for (const auto& [a, b] : {std::pair{"surrogate", "preconditioned"},
                             {"surrogate", "langevin"},
                             {"surrogate", "coarse"},
                             {"surrogate", "wrong"},
                             {"coarse", "preconditioned"},
                             {"coarse", "langevin"},
                             {"wrong", "preconditioned"},
                             {"wrong", "langevin"},
                             {"preconditioned", "langevin"}})
    if (auto one = compare(find(results.episodes, a), find(results.episodes, b), results.settings))
      list.push_back(std::move(*one));
  return list;
}

void print_tables(const Results& results)
{
  const Episode& first = results.episodes.front();
  fmt::print(
      "\ninvert: 64 stiffnesses from 169 values ({} data), {} simulation and {} ML ranks\n"
      "  log-likelihood at a = 1: {:.6f}, published -228.510844\n",
      results.settings.data, first.simulation_ranks, first.ml_ranks, results.log_likelihood_at_one);
  if (results.settings.mode == "design") {
    print_design(results);
  } else {
    print_methods(results);
    print_surrogates(results);
    print_ratios(results);
    print_comparisons(results);
    print_blocks(results);
  }
  fmt::print("\n  {} runs in {:.1f} s\n", results.episodes.size(), results.wall_seconds);
}

void report(const Results& results, const std::string& folder)
{
  const auto archive = (std::filesystem::path(folder) / "invert.h5").string();
  const auto summary = (std::filesystem::path(folder) / "summary.json").string();
  write_archive(results, archive);
  std::ofstream file{summary};
  file << summary_text(results) << '\n';
  if (!file.flush()) throw cardan::Error{"cannot write " + summary};
  print_tables(results);
  fmt::print("\nwrote {}\nwrote {}\n", archive, summary);
  std::fflush(stdout);
}

}  // namespace invert
