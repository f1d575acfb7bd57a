#include "report.hpp"

#include <cardan/archive.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>

namespace steer {

namespace {

using nlohmann::json;

json or_null(const std::optional<double>& value)
{
  return value ? json(*value) : json(nullptr);
}

json median_or_null(const std::optional<Spread>& spread)
{
  return spread ? json(spread->median) : json(nullptr);
}

json to_json(const std::optional<Spread>& spread)
{
  if (!spread) return nullptr;
  return {{"p5", spread->p5},   {"p25", spread->p25}, {"median", spread->median},
          {"p75", spread->p75}, {"p95", spread->p95}, {"count", spread->count}};
}

json by_name(const std::vector<std::string>& names, const std::vector<double>& values)
{
  json object = json::object();
  for (std::size_t i = 0; i < std::min(names.size(), values.size()); ++i)
    object[names[i]] = values[i];
  return object;
}

/// A number of each run.
template <class Of>
json list(const Group& group, Of&& of)
{
  json values = json::array();
  for (const auto* run : group.runs) values.push_back(of(*run));
  return values;
}

json counters_of(const Group& group)
{
  cardan::EnsembleCounters all;
  for (const auto* run : group.runs) {
    const auto& c = run->counters;
    all.segments += c.segments;
    all.frames += c.frames;
    all.dropped += c.dropped;
    all.continued += c.continued;
    all.restarted += c.restarted;
    all.stopped += c.stopped;
    all.late += c.late;
    all.missing += c.missing;
    all.superseded += c.superseded;
    all.failures += c.failures;
  }
  return {
      {"segments", all.segments},   {"frames", all.frames},       {"dropped", all.dropped},
      {"continued", all.continued}, {"restarted", all.restarted}, {"stopped", all.stopped},
      {"late", all.late},           {"missing", all.missing},     {"superseded", all.superseded},
      {"failures", all.failures}};
}

json swarm_of(const Group& group)
{
  return {{"lowest_energy", list(group, [](const Episode& r) { return json(r.lowest); })},
          {"goal", group.runs.front()->plan.goal},
          {"hops_to_goal", list(group, [](const Episode& r) { return or_null(r.coverage_time); })}};
}

json method_of(const std::vector<Group>& groups, const Group& group)
{
  const Episode& first = *group.runs.front();
  const Shares populations = populations_of(group);
  json object{
      {"seeds", list(group, [](const Episode& r) { return json(r.plan.seed); })},
      {"coverage_time", list(group, [](const Episode& r) { return or_null(r.coverage_time); })},
      {"median_coverage_time", or_null(median_coverage(group))},
      {"coverage_seconds",
       list(group, [](const Episode& r) { return or_null(r.coverage_seconds); })},
      {"states_found", list(group, [](const Episode& r) { return json(r.sums.found.size()); })},
      {"simulated_time", list(group, [](const Episode& r) { return json(r.sums.time); })},
      {"wall_seconds", list(group, [](const Episode& r) { return json(r.sums.seconds); })},
      {"decision_latency_us", median_or_null(latency_of(group))},
      {"decision_latency_us_spread", to_json(latency_of(group))},
      {"work_us", to_json(work_of(group))},
      {"latency_above_work_us", to_json(overhead_of(group))},
      {"populations", by_name(first.states, populations.mean)},
      {"populations_error", by_name(first.states, populations.error)},
      {"counters", counters_of(group)},
      {"barrier", first.barrier},
      {"simulation_ranks", first.simulation_ranks},
      {"ml_ranks", first.ml_ranks}};
  if (!first.isomers.empty()) {
    const Shares isomers = isomers_of(group);
    object["isomer_populations"] = by_name(first.isomers, isomers.mean);
    object["isomer_populations_error"] = by_name(first.isomers, isomers.error);
  }
  if (first.plan.hops > 0) object["swarm"] = swarm_of(group);
  const Group* independent = independent_of(groups, group);
  if (independent != nullptr && independent != &group) {
    const auto ratio = ratio_to(*independent, group);
    object["ratio_to_independent"] = ratio ? json(ratio->value) : json(nullptr);
    object["ratio_is_lower_bound"] = ratio && ratio->at_least;
  }
  return object;
}

json methods_of(const std::vector<Group>& all, double temperature)
{
  json methods = json::object();
  for (const auto& group : all)
    if (group.temperature == temperature) methods[group.method] = method_of(all, group);
  return methods;
}

json async_of(const std::vector<Group>& groups)
{
  json object;
  std::vector<double> ratios;
  std::vector<double> barrier;
  for (const auto& group : groups) {
    const auto rates = rates_of(group);
    object[group.method] = {{"simulated_time_per_second", rates}};
    if (group.method == "barrier") barrier = rates;
    if (group.method == "async")
      for (std::size_t i = 0; i < std::min(rates.size(), barrier.size()); ++i)
        ratios.push_back(rates[i] / barrier[i]);
  }
  const auto spread = spread_of(ratios);
  object["ratios"] = ratios;
  object["ratio"] = median_or_null(spread);
  return object;
}

}  // namespace

std::string summary_text(const Results& results)
{
  const auto groups = grouped(results.episodes);
  const Episode& first = results.episodes.front();
  const Settings& settings = results.settings;
  json summary{{"miniapp", "steer"},
               {"system", first.plan.system.name},
               {"target", first.plan.system.target},
               {"engine", first.plan.system.engine},
               {"temperature", first.plan.system.temperature},
               {"nuisance", first.plan.system.nuisance},
               {"states", first.states},
               {"members", first.members},
               {"segment", settings.segment},
               {"budget", settings.budget},
               {"seeds", settings.seeds},
               {"wall_seconds", results.wall_seconds},
               {"equilibrium", by_name(first.states, first.equilibrium)}};
  if (!first.isomers.empty())
    summary["isomer_equilibrium"] = by_name(first.isomers, first.isomer_equilibrium);
  for (const auto& episode : results.episodes)
    if (!episode.ml_library.empty()) summary["ml_library"] = episode.ml_library;
  json versions = json::object();
  for (const auto& [name, value] : cardan::build_information()) versions[name] = value;
  summary["versions"] = versions;
  if (!results.report.empty()) summary["report"] = results.report;
  if (results.report == "temperature") {
    json points = json::array();
    for (const double temperature : settings.temperatures)
      points.push_back({{"temperature", temperature},
                        {"barrier_over_kt", settings.barrier_height / temperature},
                        {"methods", methods_of(groups, temperature)}});
    summary["points"] = points;
  }
  summary["methods"] = methods_of(groups, first.plan.system.temperature);
  if (results.report == "async") {
    summary["async"] = async_of(groups);
    summary["pace"] = first.plan.pace;
    summary["uneven"] = first.plan.uneven;
  }
  return summary.dump(2);
}

}  // namespace steer
