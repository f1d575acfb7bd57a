#include "report.hpp"

#include <cardan/archive.hpp>

#include <nlohmann/json.hpp>

#include <cmath>

namespace invert {

namespace {

using nlohmann::json;

json or_null(const std::optional<double>& value)
{
  return value ? json(*value) : json(nullptr);
}

/// What is not a number is null.
json finite(double value)
{
  return std::isfinite(value) ? json(value) : json(nullptr);
}

json finite(const std::vector<double>& values)
{
  json list = json::array();
  for (const double value : values) list.push_back(finite(value));
  return list;
}

json method_json(const Episode& run, const Settings& settings)
{
  const auto& report = run.report;
  const Speed speed = speed_of(run);
  return {{"solves", report.solves},
          {"solves_before", report.solves_before},
          {"steps", report.steps},
          {"chains", run.traces.size()},
          {"acceptance_surrogate", or_null(first_acceptance(run))},
          {"acceptance_exact", or_null(second_acceptance(run))},
          {"effective_median", speed.effective},
          {"effective_least", report.least_effective},
          {"ess_per_solve", speed.per_solve},
          {"ess_per_solve_after_warmup", speed.per_solve_after},
          {"ess_per_second", speed.per_second},
          {"ess_per_work", speed.per_work},
          {"coarse_solves", report.coarse_solves},
          {"coarse_cost", run.coarse_cost},
          {"careful_effective_median", speed.careful},
          {"careful_ess_per_solve", speed.careful_per_solve},
          {"gelman_rubin_median", finite(speed.reduction_median)},
          {"gelman_rubin_largest", finite(speed.reduction_largest)},
          {"versions", report.versions},
          {"mean_age", report.mean_age},
          {"surrogate_error", finite(report.surrogate_error)},
          {"seconds", run.seconds},
          {"identifiable", identifiable(run, settings)},
          {"block_log_means", report.mean},
          {"block_log_deviations", report.deviation},
          {"block_log_errors", finite(run.errors)},
          {"block_effective", report.effective}};
}

json comparison_json(const Comparison& one)
{
  return {{"a", one.a},
          {"b", one.b},
          {"blocks", one.blocks},
          {"scores", finite(one.scores)},
          {"mean_square", finite(one.mean_square)},
          {"largest", finite(one.largest)},
          {"bound", one.bound},
          {"log_deviations_apart", one.deviations},
          {"gelman_rubin", finite(one.reduction)},
          {"same", one.same()}};
}

void add_posterior(const Results& results, json& summary)
{
  const Episode& run = main_run(results.episodes);
  const Speed speed = speed_of(run);
  summary["method"] = run.plan.method;
  summary["ess_per_solve"] = speed.per_solve;
  summary["ess_per_second"] = speed.per_second;
  summary["block_log_means"] = run.report.mean;
  summary["block_log_deviations"] = run.report.deviation;
  summary["block_log_errors"] = finite(run.errors);
  summary["identifiable"] = identifiable(run, results.settings);
  json methods = json::object();
  for (const auto& episode : results.episodes)
    methods[episode.plan.method] = method_json(episode, results.settings);
  if (const Episode* walk = find(results.episodes, "random-walk")) {
    const double slow = speed_of(*walk).per_solve;
    for (const auto& episode : results.episodes) {
      const Speed own = speed_of(episode);
      auto& object = methods[episode.plan.method];
      object["over_random_walk"] = finite(own.per_solve / slow);
      object["over_random_walk_after_warmup"] = finite(own.per_solve_after / slow);
    }
    summary["over_random_walk"] = finite(speed.per_solve / slow);
  }
  summary["methods"] = methods;
  json pairs = json::array();
  for (const auto& one : comparisons(results)) pairs.push_back(comparison_json(one));
  summary["comparisons"] = pairs;
}

json design_json(const Results& results)
{
  const Episode& run = results.episodes.front();
  return {{"wanted", results.settings.wanted},
          {"tolerance", results.settings.tolerance},
          {"solves", run.report.solves},
          {"misfit", run.report.misfit},
          {"misfits", finite(run.report.misfits)},
          {"log_stiffness", run.report.design},
          {"rms_32", design_error(run, results.settings, 32)},
          {"rms_128", design_error(run, results.settings, 128)},
          {"seconds", run.seconds}};
}

}  // namespace

std::string summary_text(const Results& results)
{
  const Episode& first = results.episodes.front();
  const Settings& settings = results.settings;
  json summary{{"miniapp", "invert"},
               {"mode", settings.mode},
               {"data", settings.data},
               {"prior_mean", settings.prior.mean},
               {"prior_deviation", settings.prior.deviation},
               {"seed", settings.seed},
               {"log_likelihood_at_one", results.log_likelihood_at_one},
               {"simulation_ranks", first.simulation_ranks},
               {"ml_ranks", first.ml_ranks},
               {"wall_seconds", results.wall_seconds}};
  if (settings.mode == "design")
    summary["design"] = design_json(results);
  else
    add_posterior(results, summary);
  for (const auto& run : results.episodes)
    if (!run.ml_library.empty()) summary["ml_library"] = run.ml_library;
  json versions = json::object();
  for (const auto& [name, value] : cardan::build_information()) versions[name] = value;
  summary["versions"] = versions;
  return summary.dump(2);
}

}  // namespace invert
