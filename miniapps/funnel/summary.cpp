#include "report.hpp"

#include <cardan/archive.hpp>

#include <nlohmann/json.hpp>

namespace funnel {

namespace {

using nlohmann::json;

json or_null(double seconds)
{
  return seconds < 0 ? json(nullptr) : json(seconds);
}

json strategy(const Curve& curve, double spent, double all)
{
  const bool reaches = !curve.recall.empty() && curve.recall.back() >= 0.95;
  return {
      {"recall_at_equal_cost", curve.recall_at(spent)},
      {"cost_fraction_of_recall_95", reaches ? json(curve.cost_of(0.95) / all) : json(nullptr)}};
}

json stages_of(const Episode& episode)
{
  json stages = json::array();
  for (const auto& stage : episode.report.stages)
    stages.push_back({{"name", stage.name},
                      {"entered", stage.entered},
                      {"promoted", stage.promoted},
                      {"rejected", stage.rejected},
                      {"failed", stage.failed},
                      {"busy_seconds", stage.busy},
                      {"idle_seconds", stage.idle},
                      {"seconds_each", stage.cost},
                      {"moves", stage.moves},
                      {"fewest_ranks", stage.fewest},
                      {"most_ranks", stage.most},
                      {"longest_queue", stage.longest},
                      {"mean_queue", stage.mean_queue}});
  return stages;
}

json run_of(const Episode& episode, const Outcome& outcome)
{
  const auto& report = episode.report;
  const double spent = outcome.funnel.cost.empty() ? 0 : outcome.funnel.cost.back();
  const double all = outcome.exhaustive_seconds;
  json run{{"ranks", episode.plan.kind == "fixed" ? "stay" : "move"},
           {"seed", episode.plan.seed},
           {"best", outcome.best},
           {"recall_top1", outcome.recall},
           {"enrichment", outcome.enrichment},
           {"cost_fraction", outcome.cost_fraction},
           {"cost_fraction_by_count", outcome.counted_fraction},
           {"cost_fraction_with_ml", outcome.whole_fraction},
           {"exhaustive_seconds", all},
           {"time_to_first_hit", or_null(outcome.first_hit)},
           {"time_to_last_hit", or_null(outcome.last_hit)},
           {"busy_fraction", outcome.busy_fraction},
           {"busy_fraction_by_clock", outcome.busy_measured},
           {"finished", report.finished.size()},
           {"fine_solves", episode.solved},
           {"outside_bracket", episode.outside},
           {"wall_seconds", report.wall},
           {"versions", report.versions},
           {"drifts", report.drifts},
           {"first_error", report.first_error},
           {"last_error", report.last_error},
           {"truth_was_kept", episode.truth.was_kept},
           {"stages", stages_of(episode)}};
  run["strategies"] = {{"funnel", strategy(outcome.funnel, spent, all)},
                       {"exhaustive", strategy(outcome.exhaustive, spent, all)},
                       {"random", strategy(outcome.random, spent, all)},
                       {"coarse16", strategy(outcome.coarse16, spent, all)},
                       {"coarse32", strategy(outcome.coarse32, spent, all)}};
  run["strategies"]["coarse16"]["recall_without_fine_solves"] = outcome.picked16;
  run["strategies"]["coarse32"]["recall_without_fine_solves"] = outcome.picked32;
  return run;
}

}  // namespace

std::string summary_text(const Results& results)
{
  const Episode& first = results.episodes.front();
  const Settings& settings = results.settings;
  const auto runs = headline(results);
  const auto middle = [&](auto number) { return median(each(results, runs, number)); };
  json summary{{"miniapp", "funnel"},
               {"report", results.report},
               {"candidates", settings.candidates},
               {"size", settings.library.size},
               {"contrast", settings.phases.better / settings.phases.worse},
               {"fraction", {settings.library.least_fraction, settings.library.most_fraction}},
               {"top", settings.top},
               {"solves", settings.solves},
               {"simulation_ranks", first.simulation_ranks},
               {"ml_ranks", first.ml_ranks},
               {"wall_seconds", results.wall_seconds}};
  summary["recall_top1"] = middle([](const Outcome& o) { return o.recall; });
  summary["enrichment"] = middle([](const Outcome& o) { return o.enrichment; });
  summary["cost_fraction"] = middle([](const Outcome& o) { return o.cost_fraction; });
  summary["cost_fraction_by_count"] = middle([](const Outcome& o) { return o.counted_fraction; });
  summary["cost_fraction_with_ml"] = middle([](const Outcome& o) { return o.whole_fraction; });
  summary["busy_fraction"] = middle([](const Outcome& o) { return o.busy_fraction; });
  const auto fixed = of_kind(results, "fixed");
  if (!fixed.empty())
    summary["busy_fraction_fixed"] =
        median(each(results, fixed, [](const Outcome& o) { return o.busy_fraction; }));
  std::int64_t outside = 0;
  json seeds = json::array();
  json all = json::array();
  for (std::size_t i = 0; i < results.episodes.size(); ++i) {
    outside += results.episodes[i].outside;
    all.push_back(run_of(results.episodes[i], results.outcomes[i]));
  }
  for (const std::size_t i : runs) seeds.push_back(results.episodes[i].plan.seed);
  summary["outside_bracket"] = outside;
  summary["seeds"] = seeds;
  summary["runs"] = all;
  if (!first.ml_library.empty()) summary["ml_library"] = first.ml_library;
  json versions = json::object();
  for (const auto& [name, value] : cardan::build_information()) versions[name] = value;
  summary["versions"] = versions;
  return summary.dump(2);
}

}  // namespace funnel
