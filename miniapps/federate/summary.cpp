// summary.json, metrics.json, hyperparameters.json.

#include "report.hpp"

#include <nlohmann/json.hpp>

namespace federate {

namespace {

using nlohmann::json;

json or_null(const std::optional<double>& value)
{
  return value ? json(*value) : json(nullptr);
}

std::vector<double> last_of(const Outcome& outcome, const std::string& column)
{
  std::vector<double> values;
  for (const auto& silo : outcome.silos) values.push_back(silo.last(column));
  return values;
}

json settings_of(const Plan& plan)
{
  json object{{"rounds", plan.rounds},
              {"local_steps", plan.steps_of_a_round()},
              {"batch", plan.batch},
              {"rate", plan.rate}};
  if (plan.mu) object["mu"] = *plan.mu;
  if (plan.clip) object["clip"] = *plan.clip;
  if (plan.noise) object["noise"] = *plan.noise;
  if (plan.compress) object["compress"] = *plan.compress;
  return object;
}

json method_of(const Outcome& outcome)
{
  double late = 0;
  double stale = 0;
  for (const auto& silo : outcome.silos) {
    late += silo.sum("late");
    for (const double value : silo.of("staleness")) stale = std::max(stale, value);
  }
  return {{"global_loss", outcome.global_loss},
          {"held_out_loss", outcome.held_out_loss},
          {"silo_loss", last_of(outcome, "global_loss")},
          {"errors", outcome.errors},
          {"run_errors", outcome.run_errors},
          {"mean_error", mean_error(outcome)},
          {"worst_error", worst_error(outcome)},
          {"epsilon", or_null(epsilon_of(outcome))},
          {"rounds", outcome.silos.front().of("round").size()},
          {"versions", last_of(outcome, "version")},
          {"moved_bytes", moved_bytes(outcome)},
          {"raw_bytes", raw_bytes(outcome)},
          {"late", late},
          {"staleness", stale},
          {"seconds", outcome.seconds},
          {"ml_ranks", outcome.ml_ranks},
          {"settings", settings_of(outcome.plan)}};
}

/// The outcome that the figures at the top of the summary are of: the first that is federated.
const Outcome& main_outcome(const Results& results)
{
  for (const auto& outcome : results.compared)
    if (outcome.plan.kind == Plan::Kind::federated) return outcome;
  return results.compared.front();
}

json versions()
{
  json object = json::object();
  for (const auto& [name, value] : cardan::build_information()) object[name] = value;
  return object;
}

}  // namespace

std::string summary_text(const Results& results)
{
  const Outcome& first = main_outcome(results);
  std::optional<double> epsilon;
  json methods = json::object();
  for (const auto& outcome : results.compared) {
    methods[outcome.plan.name] = method_of(outcome);
    if (!epsilon) epsilon = epsilon_of(outcome);
  }
  json summary{{"miniapp", "federate"},
               {"problem", results.settings.problem},
               {"silos", results.silos},
               {"regimes", results.regimes},
               {"seed", results.settings.seed},
               {"method", first.plan.name},
               {"global_loss", first.global_loss},
               {"silo_loss", last_of(first, "global_loss")},
               {"epsilon", or_null(epsilon)},
               {"methods", methods},
               {"wall_seconds", results.wall_seconds},
               {"ml_library", first.ml_library},
               {"versions", versions()}};
  if (results.fixed_point) {
    double distance = 0;
    for (std::size_t i = 0; i < first.line.size(); ++i)
      distance = std::max(distance, std::abs(first.line[i] - (*results.fixed_point)[i]));
    summary["fixed_point"] = *results.fixed_point;
    summary["reached"] = first.line;
    summary["distance"] = distance;
    summary["pooled"] = *results.pooled;
  }
  return summary.dump(2);
}

std::string metrics_text(const Results& results)
{
  json methods = json::array();
  for (const auto& outcome : results.compared) {
    json silos = json::array();
    for (const auto& silo : outcome.silos) {
      json object = json::object();
      for (const auto& column : round_columns()) object[column] = silo.of(column);
      silos.push_back(object);
    }
    methods.push_back({{"name", outcome.plan.name},
                       {"silos", silos},
                       {"errors", outcome.errors},
                       {"run_errors", outcome.run_errors}});
  }
  return json{{"columns", round_columns()}, {"regimes", results.regimes}, {"methods", methods}}
      .dump();
}

std::string hyperparameters_text(const Results& results)
{
  json runs = json::array();
  for (const auto& outcome : results.swept) {
    json object = settings_of(outcome.plan);
    object["method"] = outcome.plan.method;
    object["held_out_loss"] = outcome.held_out_loss;
    object["silo_held_out_loss"] = last_of(outcome, "validation_loss");
    object["training_loss"] = outcome.global_loss;
    object["seconds"] = outcome.seconds;
    runs.push_back(object);
  }
  const Settings& settings = results.settings;
  return json{{"runs", runs},
              {"chosen",
               {{"local_steps", settings.local_steps},
                {"rate", settings.rate},
                {"mu", settings.mu},
                {"batch", settings.batch}}},
              {"by", "mean over silos of the loss over what each holds out"}}
      .dump(2);
}

}  // namespace federate
