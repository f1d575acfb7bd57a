#include "couplers/service/settings.hpp"

#include "couplers/service/handlers.hpp"

#include <fmt/format.h>

namespace cardan::service {

namespace {

Config table_of(const Config& run_file, const std::string& name)
{
  return run_file.table("service").table(name);
}

Balance read_balance(const Config& table)
{
  const std::string balance = table.choice(
      "balance", {"round_robin", "least_queue", "two_choices", "local_first"}, "least_queue");
  if (balance == "round_robin") return Balance::round_robin;
  if (balance == "two_choices") return Balance::two_choices;
  if (balance == "local_first") return Balance::local_first;
  return Balance::least_queue;
}

}  // namespace

std::vector<std::string> service_names(const Config& run_file)
{
  return run_file.table("service").keys();
}

ServiceSettings read_service(const Config& run_file, const std::string& name)
{
  const Config table = table_of(run_file, name);
  ServiceSettings settings;
  settings.name = name;
  // Kinds of a user's own are known where they are registered: on ML ranks.
  settings.kind = table.get<std::string>("kind");
  const auto positive = [&](const char* key, auto fallback) {
    const auto value = table.get<decltype(fallback)>(key, fallback);
    if (!(value > 0)) throw table.error(key, "must be positive");
    return value;
  };
  const auto seconds = [&](const char* key, double fallback) {
    const double value = table.get<Seconds>(key, Seconds{fallback}).value;
    if (!(value > 0)) throw table.error(key, "must be positive");
    return value;
  };
  settings.instances = positive("instances", settings.instances);
  settings.max_batch = positive("max_batch", settings.max_batch);
  settings.max_wait = table.get<Seconds>("max_wait", Seconds{settings.max_wait}).value;
  if (!(settings.max_wait >= 0)) throw table.error("max_wait", "must not be negative");
  settings.balance = read_balance(table);
  settings.deadline = seconds("deadline", settings.deadline);
  settings.depth = positive("depth", settings.depth);
  if (settings.depth > 1024) throw table.error("depth", "at most 1024 requests can be under way");
  settings.stall = seconds("stall", settings.stall);
  if (settings.kind != "model" && table.has("model"))
    throw table.error("model", fmt::format("a service of kind \"{}\" has none", settings.kind),
                      "Set kind = \"model\".");
  if (settings.kind == "model" && !table.has("model"))
    throw table.error("kind", "a service of kind \"model\" needs one",
                      "Write model = { kind = \"mlp\", hidden = [64] }, for example.");
  return settings;
}

void leave_to_handler(const Config& run_file, const std::string& name)
{
  const Config table = table_of(run_file, name);
  table.ask_all("options");
  table.ask_all("model");
}

void check_instances(const Config& run_file, const ServiceSettings& settings, int ml_ranks)
{
  if (settings.instances <= ml_ranks * most_per_rank) return;
  throw table_of(run_file, settings.name)
      .error("instances",
             fmt::format("{} ML rank{} take{} {} at most", ml_ranks, ml_ranks == 1 ? "" : "s",
                         ml_ranks == 1 ? "s" : "", ml_ranks * most_per_rank),
             "Start more ML ranks, or ask for fewer instances.");
}

}  // namespace cardan::service
