#include "report.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

namespace funnel {

namespace {

void print_stages(const Episode& episode)
{
  fmt::print(
      "\n  stages of the first run\n  {:<10} {:>8} {:>9} {:>9} {:>7} {:>9} {:>9} {:>10} {:>6} "
      "{:>9} {:>7} {:>7}\n",
      "", "entered", "promoted", "held back", "failed", "busy, s", "idle, s", "ms each", "moves",
      "ranks", "longest", "queue");
  for (const auto& stage : episode.report.stages)
    fmt::print(
        "  {:<10} {:>8} {:>9} {:>9} {:>7} {:>9.2f} {:>9.2f} {:>10.3f} {:>6} {:>9} {:>7} {:>7.1f}\n",
        stage.name, stage.entered, stage.promoted, stage.rejected, stage.failed, stage.busy,
        stage.idle, 1e3 * stage.cost, stage.moves,
        fmt::format("{} .. {}", stage.fewest, stage.most), stage.longest, stage.mean_queue);
}

void print_strategies(const Episode& episode, const Outcome& outcome, const Settings& settings)
{
  const double all = outcome.exhaustive_seconds;
  fmt::print(
      "\n  strategies, first run: recall of the best {:g} %, and cost over that of solving all "
      "finely\n  {:<44} {:>14} {:>16}\n",
      100 * settings.top, "", "at equal cost", "cost of 0.95");
  const double spent = outcome.funnel.cost.empty() ? 0 : outcome.funnel.cost.back();
  const auto row = [&](const std::string& name, const Curve& curve) {
    const bool reaches = !curve.recall.empty() && curve.recall.back() >= 0.95;
    fmt::print("  {:<44} {:>14.3f} {:>14}\n", name, curve.recall_at(spent),
               reaches ? fmt::format("{:.1f} %", 100 * curve.cost_of(0.95) / all) : "never");
  };
  row("funnel", outcome.funnel);
  row("exhaustive, any order", outcome.exhaustive);
  row("promoted at random, as many", outcome.random);
  row("16 x 16 for all, then the best of it", outcome.coarse16);
  row("32 x 32 for all, then the best of it", outcome.coarse32);
  fmt::print(
      "  without any fine solve: of what 16 x 16 calls the best {:g} %, {:.3f} are; 32 x 32: "
      "{:.3f}\n",
      100 * settings.top, outcome.picked16, outcome.picked32);
  const Truth& truth = episode.truth;
  fmt::print(
      "  ms of one: image {:.3f}, 16 x 16 {:.3f}, 32 x 32 {:.3f}, fine from both sides {:.3f}{}\n",
      1e3 * truth.image_seconds, 1e3 * truth.coarse16_seconds, 1e3 * truth.coarse32_seconds,
      1e3 * truth.fine_seconds, truth.was_kept ? " (kept from an earlier run)" : "");
}

void print_runs(const Results& results)
{
  fmt::print(
      "\n  {:<8} {:>5} {:>7} {:>11} {:>7} {:>9} {:>9} {:>9} {:>9} {:>9} {:>6} {:>6} {:>7} {:>7}\n",
      "ranks", "seed", "recall", "enrichment", "cost", "by count", "with ML", "first, s", "wall, s",
      "finished", "busy", "clock", "models", "drifts");
  for (std::size_t i = 0; i < results.episodes.size(); ++i) {
    const Episode& run = results.episodes[i];
    const Outcome& of = results.outcomes[i];
    fmt::print(
        "  {:<8} {:>5} {:>7.3f} {:>11.1f} {:>5.1f} % {:>7.1f} % {:>7.1f} % {:>9.2f} {:>9.2f} {:>9} "
        "{:>6.3f} {:>6.3f} {:>7} {:>7}\n",
        run.plan.kind == "fixed" ? "stay" : "move", run.plan.seed, of.recall, of.enrichment,
        100 * of.cost_fraction, 100 * of.counted_fraction, 100 * of.whole_fraction, of.first_hit,
        run.report.wall, run.report.finished.size(), of.busy_fraction, of.busy_measured,
        run.report.versions, run.report.drifts);
  }
  for (const char* kind : {"resplit", "fixed"}) {
    const auto runs = of_kind(results, kind);
    if (runs.size() < 2) continue;
    const auto middle = [&](auto number) { return median(each(results, runs, number)); };
    fmt::print(
        "  {:<8} median{:>7.3f} {:>11.1f} {:>5.1f} % {:>7.1f} % {:>7.1f} % {:>9.2f} {:>19} "
        "{:>6.3f} "
        "{:>6.3f}\n",
        runs.empty() || std::string{kind} == "fixed" ? "stay" : "move",
        middle([](const Outcome& o) { return o.recall; }),
        middle([](const Outcome& o) { return o.enrichment; }),
        100 * middle([](const Outcome& o) { return o.cost_fraction; }),
        100 * middle([](const Outcome& o) { return o.counted_fraction; }),
        100 * middle([](const Outcome& o) { return o.whole_fraction; }),
        middle([](const Outcome& o) { return o.first_hit; }), "",
        middle([](const Outcome& o) { return o.busy_fraction; }),
        middle([](const Outcome& o) { return o.busy_measured; }));
  }
}

}  // namespace

std::vector<std::size_t> of_kind(const Results& results, const std::string& kind)
{
  std::vector<std::size_t> runs;
  for (std::size_t i = 0; i < results.episodes.size(); ++i)
    if (results.episodes[i].plan.kind == kind) runs.push_back(i);
  return runs;
}

std::vector<std::size_t> headline(const Results& results)
{
  auto runs = of_kind(results, "resplit");
  return runs.empty() ? of_kind(results, "fixed") : runs;
}

void print_tables(const Results& results)
{
  const Episode& first = results.episodes.front();
  const Settings& settings = results.settings;
  fmt::print(
      "\nfunnel: {} microstructures of {} x {} pixels, contrast {:g}, {} simulation and {} ML "
      "ranks\n",
      settings.candidates, settings.library.size, settings.library.size,
      settings.phases.better / settings.phases.worse, first.simulation_ranks, first.ml_ranks);
  print_stages(first);
  print_strategies(first, results.outcomes.front(), settings);
  print_runs(results);
  std::int64_t solved = 0;
  std::int64_t outside = 0;
  for (const auto& episode : results.episodes) {
    solved += episode.solved;
    outside += episode.outside;
  }
  fmt::print("\n  fine labels in their bracket: {} of {}\n  {} runs in {:.1f} s\n",
             solved - outside, solved, results.episodes.size(), results.wall_seconds);
}

void report(const Results& results, const std::string& folder)
{
  const auto archive = (std::filesystem::path(folder) / "funnel.h5").string();
  const auto summary = (std::filesystem::path(folder) / "summary.json").string();
  write_archive(results, archive);
  std::ofstream file{summary};
  file << summary_text(results) << '\n';
  if (!file.flush()) throw cardan::Error{"cannot write " + summary};
  print_tables(results);
  fmt::print("\nwrote {}\nwrote {}\n", archive, summary);
  std::fflush(stdout);
}

}  // namespace funnel
