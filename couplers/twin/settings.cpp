#include "couplers/twin/settings.hpp"

#include "config/range.hpp"
#include "couplers/steering/settings.hpp"
#include "couplers/twin/wire.hpp"
#include "registry.hpp"

#include <algorithm>
#include <limits>

namespace cardan::twin {

namespace {

Config table_of(const Config& run_file, const std::string& name)
{
  return run_file.table("twin").table(name);
}

using config::not_negative;
using config::positive;
using config::share;

//= [twin.NAME.faults]
FaultSettings read_faults(const Config& table)
{
  FaultSettings faults;
  //= each observation is published later by a random time up to this
  faults.jitter =
      not_negative(table, "jitter", table.get<Seconds>("jitter", Seconds{faults.jitter}).value);
  //= share of the observations that are left out, drawn for each asset rank and cycle
  faults.dropout = share(table, "dropout", table.get<double>("dropout", faults.dropout));
  //= share of the observations that come `late_cycles` cycles later
  faults.late = share(table, "late", table.get<double>("late", faults.late));
  if (faults.dropout + faults.late > 1)
    throw table.error("late", "with dropout it is more than all observations");
  //= cycles
  faults.late_cycles =
      positive(table, "late_cycles", table.get<std::int64_t>("late_cycles", faults.late_cycles));
  constexpr std::int64_t most = 10000;
  if (faults.late_cycles > most)
    throw table.error("late_cycles", "an observation is held back for 10000 cycles at most");
  //= the run's | of the random numbers: the same faults with the same seed
  if (table.has("seed")) faults.seed = table.get<std::int64_t>("seed");
  return faults;
}

//= [twin.NAME.train]
TrainSettings read_train(const Config& table)
{
  TrainSettings train;
  //= new samples after which the model is trained further
  train.every = positive(table, "every", table.get<std::int64_t>("every", train.every));
  //= 64: as `every` | samples before it is trained for the first time
  train.warmup = positive(table, "warmup", table.get<std::int64_t>("warmup", train.every));
  //= optimiser steps each time
  train.steps = positive(table, "steps", table.get<std::int64_t>("steps", train.steps));
  //= 10 times `steps` | optimiser steps the first time
  train.first = positive(table, "first", table.get<std::int64_t>("first", 10 * train.steps));
  //= samples of a step, drawn from the window
  train.batch = positive(table, "batch", table.get<std::int64_t>("batch", train.batch));
  //= samples that are kept: the newest
  train.window = positive(table, "window", table.get<std::int64_t>("window", train.window));
  //= optimiser steps between two looks for observations that have come
  train.slice = positive(table, "slice", table.get<std::int64_t>("slice", train.slice));
  //= share of the samples that is held out, for `loss`
  train.validation = share(table, "validation", table.get<double>("validation", train.validation));
  if (train.validation > 0.5) throw table.error("validation", "half of the samples at most");
  return train;
}

//= [twin.NAME.gate]
GateSettings read_gate(const Config& table)
{
  GateSettings gate;
  //= judged cycles over which errors with and without the model are compared; fewer than that: the
  //= model is not trusted; 0: it is always
  gate.window = not_negative(table, "window", table.get<std::int64_t>("window", gate.window));
  //= share by which the error with the model has to be less
  gate.margin = share(table, "margin", table.get<double>("margin", gate.margin));
  return gate;
}

//= [twin.NAME]
void read_place(const Config& table, Settings& settings)
{
  // They are known where they are registered: on ML ranks.
  //= a name given to `register_twin`
  settings.kind = table.get<std::string>("kind");
  //= 0: all ML ranks | the first so many of them are the twin
  settings.ranks = not_negative(table, "ranks", table.get<int>("ranks", settings.ranks));
}

//= [twin.NAME]
void read_clock(const Config& table, Settings& settings)
{
  const Settings usual;
  //= 1 s | seconds of the asset's clock between two cycles
  settings.period =
      positive(table, "period", table.get<Seconds>("period", Seconds{settings.period}).value);
  //= the clock paces the asset: cycle k begins k periods after cycle 0
  settings.realtime = table.get<bool>("realtime", usual.realtime);
  if (settings.realtime && !table.has("period"))
    throw table.error("realtime", "there is no period", "Write period = \"5 ms\", for example.");
  //= the period in real time, else the run's | until when an answer counts: after the begin of its
  //= cycle in real time, else after its observation
  settings.deadline = settings.realtime ? settings.period : std::numeric_limits<double>::infinity();
  if (table.has("deadline"))
    settings.deadline = positive(table, "deadline", table.get<Seconds>("deadline").value);
  //= a miss leaves an answer's fields as they are; `"default"`: gives them the numbers of
  //= `default`; `"wait"`: waits on until the run's deadline; `"stop"`: ends the run
  const std::string late = table.choice("late", {"last", "default", "wait", "stop"}, "last");
  settings.miss = late == "default" ? Miss::fallback
                  : late == "wait"  ? Miss::wait
                  : late == "stop"  ? Miss::stop
                                    : Miss::last;
  //= none | for each field of an answer its numbers, row by row, or one for all: with
  //= `late = "default"`
  const bool given = table.has("default");
  if (given && settings.miss != Miss::fallback)
    throw table.error("default", "nothing takes them", "Set late = \"default\".");
  if (!given && settings.miss == Miss::fallback)
    throw table.error("late", "there are no defaults",
                      "Write default = { NAME = 0 }, for example.");
  //= an answer that has a number that is none counts as missed
  settings.finite = table.get<bool>("finite", usual.finite);
  //= observations and answers under way between two ranks; at most 1024
  settings.depth = positive(table, "depth", table.get<int>("depth", usual.depth));
  if (settings.depth > 1024) throw table.error("depth", "at most 1024 can be under way");
  //= share of a period that the twin waits for the observations of the other asset ranks, in real
  //= time
  settings.patience =
      not_negative(table, "patience", table.get<double>("patience", usual.patience));
}

//= [twin.NAME]
void read_model(const Config& table, Settings& settings)
{
  //= none | what the twin's own model is: as in `[surrogate.NAME]`; it is trained in the run as
  //= `[training.NAME]` says (`loss`, `optimizer`)
  settings.has_model = table.has("model");
  if (settings.has_model) static_cast<void>(module_name(table.table("model")));
  //= who trains it: the first twin rank while it has nothing else to do, or `"own"`: the last ML
  //= rank, which is none of the twin's then
  if (table.choice("trainer", {"idle", "own"}, "idle") == "own")
    settings.trainer = TrainerPlace::own;
  if (settings.trainer == TrainerPlace::own && !settings.has_model)
    throw table.error("trainer", "there is no model",
                      "Write model = { kind = \"mlp\", hidden = [32] }, for example.");
  //= 1 ms | in real time the first twin rank trains only while there is more left until the next
  //= observation is due
  settings.guard =
      not_negative(table, "guard", table.get<Seconds>("guard", Seconds{settings.guard}).value);
  settings.train = read_train(table.table("train"));
  settings.gate = read_gate(table.table("gate"));
}

}  // namespace

std::vector<std::string> names(const Config& run_file)
{
  return run_file.table("twin").keys();
}

Settings read_settings(const Config& run_file, const std::string& name)
{
  const Config table = table_of(run_file, name);
  Settings settings;
  settings.name = name;
  read_place(table, settings);
  read_clock(table, settings);
  read_model(table, settings);
  settings.faults = read_faults(table.table("faults"));
  return settings;
}

std::vector<std::vector<std::byte>> read_defaults(const Config& run_file, const Settings& settings,
                                                  const Features& answer)
{
  if (settings.miss != Miss::fallback) return {};
  const Config table = table_of(run_file, settings.name);
  return steering::read_defaults(table, table.table("default"), answer);
}

//= [twin.NAME]
void leave_to_others(const Config& run_file, const std::string& name)
{
  const Config table = table_of(run_file, name);
  table.ask_all("default");
  //= none | the twin's own table
  table.ask_all("options");
  table.ask_all("model");
  const Config training = run_file.table("training").table(name);
  training.ask("loss");
  training.ask("delta");
  training.ask("last_layer");
  training.ask_all("optimizer");
}

steering::Declaration declaration_of(const Settings& settings, const Features& observation,
                                     const Features& answer)
{
  steering::Declaration declared;
  declared.name = settings.name;
  declared.to_first = true;
  declared.report_depth = declared.decision_depth = settings.depth;
  declared.report = observation;
  declared.decision = answer;
  // ML ranks learn them all from the asset's.
  if (!answer.empty()) declared.decision.push_back({mark_field, Dtype::int64, {mark_numbers}});
  return declared;
}

}  // namespace cardan::twin
