#include "couplers/closure/settings.hpp"

#include "registry.hpp"

#include <fmt/format.h>

namespace cardan::closure {

namespace {

Config surrogate_table(const Config& run_file, const std::string& name)
{
  return run_file.table("surrogate").table(name);
}

Config training_table(const Config& run_file, const std::string& name)
{
  return run_file.table("training").table(name);
}

TrustSettings read_trust(const Config& table)
{
  TrustSettings trust;
  const std::string gate = table.choice("gate", {"ensemble", "gaussian", "none"}, "ensemble");
  if (gate == "gaussian") trust.gate = TrustSettings::Gate::gaussian;
  if (gate == "none") trust.gate = TrustSettings::Gate::none;
  trust.tolerance = table.get<std::vector<double>>("tolerance", {});
  if (trust.gate != TrustSettings::Gate::none && trust.tolerance.empty())
    throw table.error(
        "tolerance", "the gate needs the largest error to be trusted",
        "Write trust = { gate = \"ensemble\", tolerance = 1e-3 }, in the outputs' units.");
  for (const double value : trust.tolerance)
    if (!(value > 0)) throw table.error("tolerance", "must be positive");
  const auto range = table.get<std::vector<double>>("range", {trust.low, trust.high});
  if (range.size() != 2 || !(range[0] < range[1]))
    throw table.error("range", "must be [lowest, highest]");
  trust.low = range[0];
  trust.high = range[1];
  trust.coverage = table.get<double>("coverage", trust.coverage);
  if (!(trust.coverage > 0 && trust.coverage <= 1))
    throw table.error("coverage", "must be above 0 and at most 1");
  trust.novelty = table.get<double>("distance", trust.novelty);
  if (!(trust.novelty >= 0 && trust.novelty < 1))
    throw table.error("distance", "must be at least 0 and below 1");
  return trust;
}

GridSettings read_grid(const Config& table)
{
  GridSettings grid;
  grid.tile = table.get<std::vector<std::int64_t>>("tile", {});
  if (table.has("tile") && grid.tile.empty())
    throw table.error("tile", "needs one number of cells for each dimension",
                      "Leave it out where the whole grid is one tile.");
  if (grid.tile.size() > most_grid_dimensions)
    throw table.error("tile", fmt::format("has {} dimensions, the most is {}", grid.tile.size(),
                                          most_grid_dimensions));
  for (const auto cells : grid.tile)
    if (cells < 1) throw table.error("tile", "must be positive");
  grid.halo = table.get<std::int64_t>("halo", grid.halo);
  if (grid.halo < 0) throw table.error("halo", "must not be negative");
  grid.periodic = table.get<bool>("periodic", grid.periodic);
  return grid;
}

std::vector<std::string> read_names(const Config& table, const char* key)
{
  auto names = table.get<std::vector<std::string>>(key);
  if (names.empty()) throw table.error(key, "at least one field is needed");
  return names;
}

}  // namespace

std::vector<std::string> surrogate_names(const Config& run_file)
{
  return run_file.table("surrogate").keys();
}

SurrogateSettings read_surrogate(const Config& run_file, const std::string& name)
{
  const Config table = surrogate_table(run_file, name);
  SurrogateSettings settings;
  settings.name = name;
  settings.inputs = read_names(table, "inputs");
  settings.outputs = read_names(table, "outputs");
  if (table.choice("place", {"ml", "inside"}, "ml") == "inside") settings.place = Place::inside;
  if (table.has("grid")) settings.grid = read_grid(table.table("grid"));
  if (settings.grid && settings.place == Place::inside)
    throw table.error("place", "a surrogate with a grid is not evaluated inside yet",
                      "Set place = \"ml\".");
  settings.ranks = table.get<std::vector<std::int64_t>>("ranks", {});
  const Config training = run_file.table("training");
  settings.trained = training.has(name) || !table.table("model").has("file");
  settings.training_ranks = training_table(run_file, name).get<int>("ranks", 0);
  if (settings.training_ranks < 0)
    throw training_table(run_file, name).error("ranks", "must be at least 1");
  settings.trust = read_trust(table.table("trust"));
  const std::string late = table.choice("late", {"solver", "wait", "last"}, "solver");
  if (late == "wait") settings.late = Late::wait;
  if (late == "last") settings.late = Late::last;
  if (table.choice("not_a_number", {"stop", "solver"}, "stop") == "solver")
    settings.not_a_number = NotANumber::solver;
  settings.deadline = table.get<Seconds>("deadline", Seconds{settings.deadline}).value;
  static_cast<void>(module_name(table.table("model")));
  return settings;
}

TrainingSettings read_training(const Config& run_file, const std::string& name)
{
  const Config table = training_table(run_file, name);
  TrainingSettings settings;
  const auto positive = [&](const Config& where, const char* key, auto fallback) {
    const auto value = where.get<decltype(fallback)>(key, fallback);
    if (!(value > 0)) throw where.error(key, "must be positive");
    return value;
  };
  settings.batch = positive(table, "batch", settings.batch);
  settings.buffer = read_buffer(table.table("buffer"));
  if (table.has("offline")) settings.offline = read_recorded(table.table("offline"));
  settings.validation = table.get<double>("validation", settings.validation);
  if (!(settings.validation > 0 && settings.validation < 1))
    throw table.error("validation", "must be above 0 and below 1");
  settings.warmup = positive(table, "warmup", settings.warmup);
  settings.settling = positive(table.table("publish"), "settling", settings.settling);
  settings.passes = positive(table, "passes", settings.passes);
  settings.publish_every = positive(table.table("publish"), "every", settings.publish_every);
  settings.publish_samples = positive(table.table("publish"), "samples", settings.publish_samples);
  settings.save = table.get<std::string>("save", "");
  const Config stop = table.table("stop");
  settings.patience = stop.get<std::int64_t>("patience", 0);
  settings.least_improvement = stop.get<double>("improvement", 0);
  if (settings.patience < 0) throw stop.error("patience", "must not be negative");
  return settings;
}

void leave_to_module(const Config& run_file, const std::string& name)
{
  surrogate_table(run_file, name).ask_all("model");
  const Config training = training_table(run_file, name);
  training.ask("loss");
  training.ask("delta");
  training.ask("last_layer");
  training.ask_all("optimizer");
}

}  // namespace cardan::closure
