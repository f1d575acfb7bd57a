#include "report.hpp"

#include <cardan/archive.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace twin {

namespace {

using nlohmann::json;

json number_or_null(double value)
{
  return std::isfinite(value) ? json(value) : json(nullptr);
}

json or_null(const std::optional<double>& value)
{
  return value ? json(*value) : json(nullptr);
}

json to_json(const std::optional<Percentiles>& of)
{
  if (!of) return nullptr;
  return {{"p50", of->p50},   {"p95", of->p95},  {"p99", of->p99},
          {"p999", of->p999}, {"max", of->most}, {"count", of->count}};
}

json to_json(const Mean& of)
{
  return {{"mean", of.mean}, {"deviation", of.deviation}, {"by_seed", of.values}};
}

/// A number of each run.
template <class Of>
json list(const Group& group, Of&& of)
{
  json values = json::array();
  for (const auto* run : group.runs) values.push_back(of(*run));
  return values;
}

std::int64_t misses_of(const Group& group)
{
  std::int64_t missed = 0;
  for (const auto* run : group.runs) missed += run->counters.missed;
  return missed;
}

json counters_of(const Group& group)
{
  cardan::TwinCounters all;
  for (const auto* run : group.runs) {
    const auto& c = run->counters;
    all.cycles += c.cycles;
    all.on_time += c.on_time;
    all.missed += c.missed;
    all.late += c.late;
    all.longest_outage = std::max(all.longest_outage, c.longest_outage);
    all.dropped += c.dropped;
    all.delayed += c.delayed;
    all.full += c.full;
    all.overrun += c.overrun;
  }
  return {
      {"cycles", all.cycles},   {"on_time", all.on_time}, {"missed", all.missed},
      {"late", all.late},       {"dropped", all.dropped}, {"longest_outage", all.longest_outage},
      {"delayed", all.delayed}, {"full", all.full},       {"overrun", all.overrun}};
}

json age_of(const Group& group)
{
  std::int64_t most = 0;
  double sum = 0;
  double count = 0;
  for (const auto* run : group.runs)
    for (const auto age : run->age) {
      most = std::max(most, age);
      sum += static_cast<double>(age);
      ++count;
    }
  return {{"mean", sum / count}, {"max", most}};
}

json recovery_of(const Group& group)
{
  json runs = json::array();
  for (const auto* run : group.runs)
    if (const auto r = recovery_of(*run))
      runs.push_back({{"seed", run->plan.seed},
                      {"before", r->before},
                      {"peak", r->peak},
                      {"after", r->after},
                      {"cycles_to_before", or_null(r->to_before)},
                      {"cycles_to_after", or_null(r->to_after)}});
  return runs;
}

json method_of(const Group& group)
{
  const Episode& first = *group.runs.front();
  const Mean analysis = over_seeds(group, analysis_rmse);
  const Mean forecast = over_seeds(group, forecast_rmse);
  const auto cycles = std::accumulate(group.runs.begin(), group.runs.end(), 0.0,
                                      [](double sum, const Episode* run) {
                                        return sum + static_cast<double>(run->counters.cycles);
                                      });
  json object{
      {"seeds", list(group, [](const Episode& r) { return json(r.plan.seed); })},
      {"analysis_rmse", analysis.mean},
      {"forecast_rmse", forecast.mean},
      {"analysis", to_json(analysis)},
      {"forecast", to_json(forecast)},
      {"spread", over_seeds(group, mean_spread).mean},
      {"energy", to_json(over_seeds(group, mean_energy))},
      {"deadline_misses", misses_of(group)},
      {"miss_share", static_cast<double>(misses_of(group)) / cycles},
      {"counters", counters_of(group)},
      {"age_cycles", age_of(group)},
      {"latency_us", to_json(latency_of(group))},
      {"work_us", to_json(work_of(group))},
      {"versions", list(group, [](const Episode& r) { return json(r.version.back()); })},
      {"trained_steps", list(group, [](const Episode& r) { return json(r.trained_steps); })},
      {"loss", list(group, [](const Episode& r) { return number_or_null(r.loss); })},
      {"trusted_share", over_seeds(group, trusted_share).mean},
      {"wall_seconds", list(group, [](const Episode& r) { return json(r.seconds); })},
      {"observed", first.plan.problem.observed > 0 ? first.plan.problem.observed
                                                   : first.plan.problem.variables},
      {"interval", first.plan.problem.interval},
      {"asset_ranks", first.asset_ranks},
      {"twin_ranks", first.twin_ranks}};
  if (first.plan.problem.regime) object["recovery"] = recovery_of(group);
  return object;
}

/// What each network did to the filter that is like it but for the network.
json network_of(const std::vector<Group>& groups)
{
  json object = json::object();
  for (const auto& group : groups) {
    if (!group.method.starts_with("network")) continue;
    const Group* filter = find(groups, "filter" + group.method.substr(7));
    if (filter == nullptr) continue;
    object[group.method] = {
        {"forecast_rmse_less_by",
         to_json(reduction(over_seeds(*filter, forecast_rmse), over_seeds(group, forecast_rmse)))},
        {"analysis_rmse_less_by",
         to_json(reduction(over_seeds(*filter, analysis_rmse), over_seeds(group, analysis_rmse)))}};
  }
  return object;
}

}  // namespace

std::string summary_text(const Results& results)
{
  const auto groups = grouped(results.episodes);
  const Group& main = main_group(groups);
  const Episode& first = results.episodes.front();
  const Problem& problem = first.plan.problem;
  json summary{{"miniapp", "twin"},
               {"asset", problem.asset},
               {"variables", problem.variables},
               {"forcing", problem.forcing},
               {"interval", problem.interval},
               {"noise", problem.noise},
               {"cycles", problem.cycles},
               {"spin_up", problem.spin_up},
               {"seeds", results.settings.seeds},
               {"realtime", first.plan.realtime},
               {"method", main.method},
               {"analysis_rmse", over_seeds(main, analysis_rmse).mean},
               {"forecast_rmse", over_seeds(main, forecast_rmse).mean},
               {"deadline_misses", misses_of(main)},
               {"age_cycles", age_of(main)},
               {"latency_us", to_json(latency_of(main))},
               {"wall_seconds", results.wall_seconds}};
  if (first.plan.realtime) summary["period_ms"] = 1e3 * first.period;
  if (problem.regime) {
    summary["regime"] = {{"cycle", problem.regime->cycle}, {"forcing", problem.regime->forcing}};
    summary["recovery"] = recovery_of(main);
  }
  if (!results.report.empty()) summary["report"] = results.report;
  if (results.report == "control") summary["target"] = results.settings.target;
  for (const auto& episode : results.episodes)
    if (!episode.ml_library.empty()) summary["ml_library"] = episode.ml_library;
  json versions = json::object();
  for (const auto& [name, value] : cardan::build_information()) versions[name] = value;
  summary["versions"] = versions;
  json methods = json::object();
  for (const auto& group : groups) methods[group.method] = method_of(group);
  summary["methods"] = methods;
  if (const json network = network_of(groups); !network.empty()) summary["network"] = network;
  const Group* shut = find(groups, "shut");
  const Group* filter = find(groups, "filter");
  if (shut != nullptr && filter != nullptr)
    summary["gate_shut_identical"] = same_bits(*shut->runs.front(), *filter->runs.front());
  return summary.dump(2);
}

}  // namespace twin
