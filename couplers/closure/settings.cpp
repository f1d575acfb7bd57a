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

//= [surrogate.NAME.trust]
TrustSettings read_trust(const Config& table)
{
  TrustSettings trust;
  //= where the estimate of an answer's error comes from: the spread of an ensemble's members, a
  //= `"gaussian"` head (or both together), or, with `"none"`, nowhere: every finite answer in range
  //= is trusted
  const std::string gate = table.choice("gate", {"ensemble", "gaussian", "none"}, "ensemble");
  if (gate == "gaussian") trust.gate = TrustSettings::Gate::gaussian;
  if (gate == "none") trust.gate = TrustSettings::Gate::none;
  //= {}: needed but by `"none"` | the largest error that may be trusted, in the outputs' units: one
  //= value, or one for each number of a sample
  trust.tolerance = table.get<std::vector<double>>("tolerance", {});
  if (trust.gate != TrustSettings::Gate::none && trust.tolerance.empty())
    throw table.error(
        "tolerance", "the gate needs the largest error to be trusted",
        "Write trust = { gate = \"ensemble\", tolerance = 1e-3 }, in the outputs' units.");
  for (const double value : trust.tolerance)
    if (!(value > 0)) throw table.error("tolerance", "must be positive");
  //= unlimited | `[lowest, highest]` answer that may be trusted
  const auto range = table.get<std::vector<double>>("range", {trust.low, trust.high});
  if (range.size() != 2 || !(range[0] < range[1]))
    throw table.error("range", "must be [lowest, highest]");
  trust.low = range[0];
  trust.high = range[1];
  //= share of trusted samples whose error is within the tolerance, as measured on held-out samples
  trust.coverage = table.get<double>("coverage", trust.coverage);
  if (!(trust.coverage > 0 && trust.coverage <= 1))
    throw table.error("coverage", "must be above 0 and at most 1");
  //= 0: off | share of the held-out samples that counts as near to what was learned: a sample that
  //= is farther than that from its nearest neighbour among 256 samples of the training set is
  //= outside. Distances are taken of inputs in units of their ranges, in 16 random directions where
  //= there are more inputs
  trust.novelty = table.get<double>("distance", trust.novelty);
  if (!(trust.novelty >= 0 && trust.novelty < 1))
    throw table.error("distance", "must be at least 0 and below 1");
  return trust;
}

//= [surrogate.NAME.grid]
GridSettings read_grid(const Config& table)
{
  GridSettings grid;
  //= {}: the whole array | cells of a tile in each dimension; the array must be a multiple of it
  grid.tile = table.get<std::vector<std::int64_t>>("tile", {});
  if (table.has("tile") && grid.tile.empty())
    throw table.error("tile", "needs one number of cells for each dimension",
                      "Leave it out where the whole grid is one tile.");
  if (grid.tile.size() > most_grid_dimensions)
    throw table.error("tile", fmt::format("has {} dimensions, the most is {}", grid.tile.size(),
                                          most_grid_dimensions));
  for (const auto cells : grid.tile)
    if (cells < 1) throw table.error("tile", "must be positive");
  //= cells around a tile that the model sees beside it
  grid.halo = table.get<std::int64_t>("halo", grid.halo);
  if (grid.halo < 0) throw table.error("halo", "must not be negative");
  //= the halo wraps around at the domain's edge; otherwise it repeats the edge's value
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
  //= names of the fields, in the order in which `predict` and `observe` are given them
  settings.inputs = read_names(table, "inputs");
  //= the same, of the answer
  settings.outputs = read_names(table, "outputs");
  //= where the model is evaluated: on ML ranks, or `"inside"` the simulation's own process. Inside,
  //= its ML ranks all train and publish weights through a window; a model from a file that is not
  //= trained needs no ML ranks. Nothing else changes, but that the process loads Torch
  if (table.choice("place", {"ml", "inside"}, "ml") == "inside") settings.place = Place::inside;
  //= none | fields are parts of global arrays, see below
  if (table.has("grid")) settings.grid = read_grid(table.table("grid"));
  if (settings.grid && settings.place == Place::inside)
    throw table.error("place", "a surrogate with a grid is not evaluated inside yet",
                      "Set place = \"ml\".");
  //= {}: all ML ranks | which of them work for this surrogate, counted from 0: several models in
  //= one run, each on its own ranks
  settings.ranks = table.get<std::vector<std::int64_t>>("ranks", {});
  const Config training = run_file.table("training");
  settings.trained = training.has(name) || !table.table("model").has("file");
  //= 0: as in `[ranks] training` | how many of the surrogate's ML ranks train
  settings.training_ranks = training_table(run_file, name).get<int>("ranks", 0);
  if (settings.training_ranks < 0)
    throw training_table(run_file, name).error("ranks", "must be at least 1");
  settings.trust = read_trust(table.table("trust"));
  //= what happens to samples that were not answered before `deadline`: the solver does them;
  //= `"wait"`: wait until `[run] deadline` first; `"last"`: the last trusted answer of the same
  //= sample, where there is one
  const std::string late = table.choice("late", {"solver", "wait", "last"}, "solver");
  if (late == "wait") settings.late = Late::wait;
  if (late == "last") settings.late = Late::last;
  //= a not-a-number in a field that the simulation hands over is an error; `"solver"`: such samples
  //= are left to the solver, quarantined from training, and counted
  if (table.choice("not_a_number", {"stop", "solver"}, "stop") == "solver")
    settings.not_a_number = NotANumber::solver;
  //= how long `predict` waits
  settings.deadline = table.get<Seconds>("deadline", Seconds{settings.deadline}).value;
  //= an `mlp` | a family of models and its keys, or a file, see below
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
  //= samples of a mini-batch on each training rank
  settings.batch = positive(table, "batch", settings.batch);
  settings.buffer = read_buffer(table.table("buffer"));
  //= none | the samples of a finished run, learned from first
  if (table.has("offline")) settings.offline = read_recorded(table.table("offline"));
  //= share of the samples that is held out
  settings.validation = table.get<double>("validation", settings.validation);
  if (!(settings.validation > 0 && settings.validation < 1))
    throw table.error("validation", "must be above 0 and below 1");
  //= samples that the training ranks together wait for before they begin
  settings.warmup = positive(table, "warmup", settings.warmup);
  //= samples that the last layer is solved from
  settings.settling = positive(table.table("publish"), "settling", settings.settling);
  //= how often a sample is trained on, on average; then training rests until more arrive
  settings.passes = positive(table, "passes", settings.passes);
  //= optimiser steps between two versions
  settings.publish_every = positive(table.table("publish"), "every", settings.publish_every);
  //= new samples between two versions of models that are not trained by steps (`linear`, `knn`,
  //= `pod`)
  settings.publish_samples = positive(table.table("publish"), "samples", settings.publish_samples);
  //= "": nowhere | where the trained model is written when training ends, as TorchScript:
  //= [models-from-files.md](models-from-files.md#saving)
  settings.save = table.get<std::string>("save", "");
  const Config stop = table.table("stop");
  //= 0: never | training stops after so many publications without the validation loss getting
  //= better
  settings.patience = stop.get<std::int64_t>("patience", 0);
  //= the share by which it must get better to count
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
