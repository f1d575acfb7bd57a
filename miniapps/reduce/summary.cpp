#include "figures.hpp"
#include "report.hpp"

#include <cardan/archive.hpp>

#include <nlohmann/json.hpp>

namespace reduce {

namespace {

using nlohmann::json;

json or_null(const std::optional<double>& value)
{
  return value ? json(*value) : json(nullptr);
}

json spread(const Spread& of)
{
  return {{"p5", of.p5}, {"median", of.median}, {"p95", of.p95}};
}

json judged(const Episode& run)
{
  return {{"numbers", run.judged.numbers},     {"beyond", run.judged.beyond},
          {"puts", run.judged.puts},           {"mismatched", run.judged.mismatched},
          {"max_error", run.judged.max_error}, {"rms_error", rms_error(run)}};
}

json point(const Episode& run)
{
  json object{{"eps", run.plan.eps},
              {"bound", run.plan.bound},
              {"bits_per_number", run.bits()},
              {"ratio", run.ratio()},
              {"latent_share", run.latent_share()},
              {"max_error", run.max_error},
              {"max_error_over_bound", run.max_error_over_bound},
              {"exceptions", run.exceptions},
              {"learning_seconds", run.learning}};
  if (run.judged.puts > 0) object["judged"] = judged(run);
  return object;
}

json encoders_of(const Results& results)
{
  json encoders = json::object();
  for (const auto& run : results.episodes)
    if (run.plan.judged) encoders[run.plan.encoder][run.plan.kind].push_back(point(run));
  for (const auto& one : at_equal_bytes(of_kind(results.episodes, "rate")))
    encoders[one.encoder]["equal_bytes"].push_back({{"eps", one.eps},
                                                    {"bits_per_number", one.bits},
                                                    {"rms_over_uniform", or_null(one.rms)},
                                                    {"max_over_uniform", or_null(one.max)},
                                                    {"at_most", one.at_most}});
  for (const auto* run : of_kind(results.episodes, "drift")) {
    const Drift drift = drift_of(*run);
    encoders[drift.encoder]["drift"][drift.retrain ? "retrained" : "as_it_was"] = {
        {"ratio", {drift.before, drift.after, drift.end}},
        {"latent_share", {drift.latent_before, drift.latent_after, drift.latent_end}},
        {"encoders", run->encoders}};
  }
  return encoders;
}

json cost_json(const Results& results)
{
  const auto runs = of_kind(results.episodes, "cost");
  if (runs.empty()) return nullptr;
  const Cost cost = cost_of(runs);
  return {{"fraction", cost.fraction},
          {"fractions", cost.fractions},
          {"of_puts", spread(cost.of_puts)},
          {"put_seconds", spread(cost.putting)},
          {"solver_seconds", spread(cost.solving)},
          {"stride", runs.front()->plan.stride},
          {"ratio", cost.ratio}};
}

/// Of a report without `cost`: that of the run at hand.
double fraction_of(const Results& results, const Episode& run)
{
  const auto runs = of_kind(results.episodes, "cost");
  return cost_of(runs.empty() ? Episodes{&run} : runs).fraction;
}

}  // namespace

std::string summary_text(const Results& results)
{
  const Episode& first = results.episodes.front();
  const Settings& settings = results.settings;
  json summary{{"miniapp", "reduce"},
               {"report", results.report},
               {"system", settings.system.name},
               {"size", settings.system.size},
               {"range", range_of(settings.system.name)},
               {"encoder", settings.encoder},
               {"seed", settings.system.seed},
               {"simulation_ranks", first.simulation_ranks},
               {"ml_ranks", first.ml_ranks},
               {"wall_seconds", results.wall_seconds}};
  if (const Episode* run = headline(results)) {
    summary["eps"] = run->plan.eps;
    summary["ratio"] = run->ratio();
    summary["max_error"] = run->judged.puts > 0 ? run->judged.max_error : run->max_error;
    summary["bound"] = run->plan.bound;
    summary["step_cost_fraction"] = fraction_of(results, *run);
  }
  std::int64_t beyond = 0;
  std::int64_t mismatched = 0;
  for (const auto& run : results.episodes) {
    beyond += run.judged.beyond;
    mismatched += run.judged.mismatched;
    if (!run.ml_library.empty()) summary["ml_library"] = run.ml_library;
  }
  summary["beyond"] = beyond;
  summary["mismatched"] = mismatched;
  summary["cost"] = cost_json(results);
  summary["encoders"] = encoders_of(results);
  json versions = json::object();
  for (const auto& [name, value] : cardan::build_information()) versions[name] = value;
  summary["versions"] = versions;
  return summary.dump(2);
}

}  // namespace reduce
