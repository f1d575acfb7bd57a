#include "couplers/service/settings.hpp"

#include "couplers/service/handlers.hpp"

#include <fmt/format.h>

namespace cardan::service {

namespace {

Config table_of(const Config& run_file, const std::string& name)
{
  return run_file.table("service").table(name);
}

//= [service.NAME]
Balance read_balance(const Config& table)
{
  //= which instance a request goes to: [services.md](services.md)
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
  //= `"noop"`: answers at once, with zeros; `"reduce"`: each input's sample to `[least, largest,
  //= mean, root mean square]`; `"model"`: a model; or a name given to `register_service`
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
  //= dealt over the ML ranks in order; at most 16 on each
  settings.instances = positive("instances", settings.instances);
  //= samples of a batch; a request with more is a batch of its own
  settings.max_batch = positive("max_batch", settings.max_batch);
  //= how long the oldest request waits for others to join its batch
  settings.max_wait = table.get<Seconds>("max_wait", Seconds{settings.max_wait}).value;
  if (!(settings.max_wait >= 0)) throw table.error("max_wait", "must not be negative");
  settings.balance = read_balance(table);
  //= of requests that do not say
  settings.deadline = seconds("deadline", settings.deadline);
  //= requests under way from one client to one instance; at most 1024
  settings.depth = positive("depth", settings.depth);
  if (settings.depth > 1024) throw table.error("depth", "at most 1024 requests can be under way");
  //= without a heartbeat for so long an instance counts as stalled
  settings.stall = seconds("stall", settings.stall);
  //= none | needed by `kind = "model"`: as in `[surrogate.NAME]`
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
