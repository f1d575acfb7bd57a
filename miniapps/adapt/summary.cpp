#include "cole_hopf.hpp"
#include "report.hpp"

#include <cardan/archive.hpp>

#include <algorithm>

namespace adapt {

namespace {

using nlohmann::json;

json or_null(const std::optional<double>& value)
{
  return value ? json(*value) : json(nullptr);
}

/// A number of each run.
template <class Of>
json list(const Group& group, Of&& of)
{
  json values = json::array();
  for (const auto* run : group.runs) values.push_back(of(*run));
  return values;
}

json best_of(const Episode& run)
{
  json object{{"trial", run.report.best},
              {"loss", run.report.best_loss},
              {"epochs", run.report.best_epochs},
              {"values", json::object()}};
  if (run.report.best < 0) return nullptr;
  const auto values = run.report.values_of(run.report.best);
  for (std::size_t i = 0; i < std::min(values.size(), run.names.size()); ++i) {
    const auto word = static_cast<std::size_t>(std::max(0.0, values[i]));
    object["values"][run.names[i]] =
        word < run.words[i].size() ? json(run.words[i][word]) : json(values[i]);
  }
  return object;
}

json shock_of(const Episode& run)
{
  if (!run.shock) return nullptr;
  return {{"slope", run.shock->slope},
          {"slope_error", run.shock->slope / published_slope - 1},
          {"pi_time", run.shock->pi_time},
          {"rms", run.shock->rms},
          {"rms_spread", run.shock->rms_spread}};
}

json method_of(const std::vector<Group>& groups, const Group& group)
{
  const Episode& first = *group.runs.front();
  const auto numbers = [&](auto of) {
    return list(group, [&](const Episode& run) { return json(of(run.report)); });
  };
  using Report = cardan::TuningReport;
  json object{{"seeds", list(group, [](const Episode& r) { return json(r.plan.seed); })},
              {"epochs_to_target",
               list(group, [](const Episode& r) { return or_null(epochs_to_target(r)); })},
              {"median_epochs_to_target", or_null(median_epochs_to_target(group))},
              {"seconds_to_target",
               list(group, [](const Episode& r) { return or_null(seconds_to_target(r)); })},
              {"regret", list(group, [](const Episode& r) { return or_null(regret_of(r)); })},
              {"median_regret", or_null(median_regret(group))},
              {"best", list(group, best_of)},
              {"final_loss_5_percent",
               list(group, [](const Episode& r) { return or_null(final_loss(r, 0.05)); })},
              {"trials", numbers([](const Report& r) { return r.trials; })},
              {"total_epochs", numbers([](const Report& r) { return r.total_epochs; })},
              {"killed_fraction", numbers([](const Report& r) { return r.killed_fraction; })},
              {"diverged", numbers([](const Report& r) { return r.diverged; })},
              {"clones", numbers([](const Report& r) { return r.clones; })},
              {"migrations", numbers([](const Report& r) { return r.migrations; })},
              {"training_seconds", numbers([](const Report& r) { return r.training; })},
              {"simulating_seconds", numbers([](const Report& r) { return r.simulating; })},
              {"waiting_seconds", numbers([](const Report& r) { return r.waiting; })},
              {"moves", numbers([](const Report& r) { return r.moves; })},
              {"samples", numbers([](const Report& r) { return r.samples; })},
              {"lost_samples", numbers([](const Report& r) { return r.lost_samples; })},
              {"wall_seconds", numbers([](const Report& r) { return r.wall; })},
              {"simulation_ranks", first.simulation_ranks},
              {"ml_ranks", first.ml_ranks}};
  if (const auto ratio = ratio_to_random(groups, group)) {
    object["ratio_to_random"] = ratio->value;
    object["ratio_is_lower_bound"] = ratio->at_least;
  }
  if (group.task == "burgers") {
    object["surrogate"] = list(group, shock_of);
    object["solver_runs"] = list(group, [](const Episode& r) { return json(r.solver_runs); });
    object["solver_seconds"] = list(group, [](const Episode& r) { return json(r.solver_seconds); });
  }
  return object;
}

}  // namespace

std::string summary_text(const Results& results)
{
  const auto groups = grouped(results.episodes);
  json summary{{"miniapp", "adapt"},
               {"tasks", json::object()},
               {"methods", results.settings.methods},
               {"seeds", results.settings.seeds},
               {"wall_seconds", results.wall_seconds},
               {"epochs_to_target", nullptr},
               {"regret", nullptr},
               {"fraction_of_optimum", nullptr}};
  for (const auto& group : groups)
    summary["tasks"][group.task][group.method] = method_of(groups, group);
  if (!groups.empty()) {
    // Of the first task by its first method.
    summary["epochs_to_target"] = or_null(median_epochs_to_target(groups.front()));
    summary["regret"] = or_null(median_regret(groups.front()));
  }
  if (!results.spin.is_null()) {
    summary["tasks"]["spin"] = results.spin;
    if (results.spin.contains("fraction_of_optimum"))
      summary["fraction_of_optimum"] = results.spin["fraction_of_optimum"];
  }
  for (const auto& episode : results.episodes)
    if (!episode.ml_library.empty()) summary["ml_library"] = episode.ml_library;
  json versions = json::object();
  for (const auto& [name, value] : cardan::build_information()) versions[name] = value;
  summary["versions"] = versions;
  return summary.dump(2);
}

}  // namespace adapt
