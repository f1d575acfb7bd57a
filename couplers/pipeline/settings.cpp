#include "couplers/pipeline/settings.hpp"

#include "config/range.hpp"
#include "registry.hpp"

#include <algorithm>

namespace cardan::pipeline {

namespace {

using config::not_negative;
using config::positive;
using config::share;

//= [pipeline.NAME.stage.STAGE.promote]
PromoteSettings read_promote(const Config& table)
{
  PromoteSettings promote;
  //= `"score"`: those above mean plus k spreads of the recent scores; `"random"`: each with the
  //= chance `share`; `"best"`: when all have been through, the best `share` of them
  const std::string kind = table.choice("kind", {"all", "score", "random", "best"}, "all");
  using Kind = PromoteSettings::Kind;
  promote.kind = kind == "score"    ? Kind::score
                 : kind == "random" ? Kind::random
                 : kind == "best"   ? Kind::best
                                    : Kind::all;
  if (promote.kind == Kind::score) {
    //= of `"score"`: k while the next queue is half full
    promote.spread = table.get<double>("spread", promote.spread);
    //= `spread` - 1 | of `"score"`: k while it is empty; never lower
    promote.least = table.get<double>("least", promote.spread - 1);
    //= `spread` + 1 | of `"score"`: k while it is full
    promote.most = table.get<double>("most", promote.spread + 1);
    //= of `"score"`: scores that mean and spread are taken over: the newest
    promote.recent = positive(table, "recent", table.get<std::int64_t>("recent", promote.recent));
    if (promote.least > promote.spread) throw table.error("least", "must not be above spread");
    if (promote.most < promote.spread) throw table.error("most", "must not be below spread");
  }
  if (promote.kind == Kind::random || promote.kind == Kind::best)
    //= of `"random"` and `"best"`; needed there
    promote.share = share(table, "share", table.get<double>("share"));
  return promote;
}

//= [pipeline.NAME.stage.STAGE]
StageSettings read_stage(const Config& table, const std::string& name)
{
  StageSettings stage;
  stage.name = name;
  //= none | of the first stage: it is scored by this model on the ML rank, as in
  //= `[surrogate.NAME]`; trained in the run as `[training.NAME]` says (`loss`, `optimizer`)
  stage.has_model = table.has("model");
  if (stage.has_model) static_cast<void>(module_name(table.table("model")));
  //= candidates that wait in front of it at most; of a model: those that are described and not
  //= scored
  stage.queue = positive(table, "queue", table.get<std::int64_t>("queue", stage.queue));
  //= candidates that a rank is given at once at most: as many as take it two milliseconds,
  //= and while the model is trained as many as bridge an optimiser step
  stage.batch = positive(table, "batch", table.get<std::int64_t>("batch", stage.batch));
  //= 0: as many as the others | simulation ranks that it begins with
  stage.ranks = not_negative(table, "ranks", table.get<int>("ranks", stage.ranks));
  stage.promote = read_promote(table.table("promote"));
  return stage;
}

//= [pipeline.NAME.train]
TrainSettings read_train(const Config& table)
{
  TrainSettings train;
  //= new labels after which the model is trained further
  train.every = positive(table, "every", table.get<std::int64_t>("every", train.every));
  //= 256: as `every` | labels before it is trained for the first time; until then all candidates
  //= pass it
  train.warmup = positive(table, "warmup", table.get<std::int64_t>("warmup", train.every));
  //= optimiser steps each time
  train.steps = positive(table, "steps", table.get<std::int64_t>("steps", train.steps));
  //= 10 times `steps` | optimiser steps the first time
  train.first = positive(table, "first", table.get<std::int64_t>("first", 10 * train.steps));
  //= labels of a step, drawn from the window
  train.batch = positive(table, "batch", table.get<std::int64_t>("batch", train.batch));
  //= labels that are kept: the newest
  train.window = positive(table, "window", table.get<std::int64_t>("window", train.window));
  //= optimiser steps between two looks for results that have come
  train.slice = positive(table, "slice", table.get<std::int64_t>("slice", train.slice));
  return train;
}

//= [pipeline.NAME.drift]
DriftSettings read_drift(const Config& table)
{
  DriftSettings drift;
  //= sum of the model's standardised residuals beyond `slack` at which it is trained anew at
  //= once (Page and Hinkley); 0: never
  drift.threshold =
      not_negative(table, "threshold", table.get<double>("threshold", drift.threshold));
  //= standard deviations that a residual may be off
  drift.slack = not_negative(table, "slack", table.get<double>("slack", drift.slack));
  //= residuals of a new version that say what is usual
  drift.reference =
      positive(table, "reference", table.get<std::int64_t>("reference", drift.reference));
  if (drift.reference < 2) throw table.error("reference", "a deviation needs two at least");
  return drift;
}

//= [pipeline.NAME]
void read_flow(const Config& table, Settings& settings)
{
  const Settings usual;
  //= their number; they are numbered from 0
  settings.candidates = positive(table, "candidates", table.get<std::int64_t>("candidates"));
  //= candidates come in random order, by the run's seed; otherwise by their number
  settings.shuffle = table.get<bool>("shuffle", usual.shuffle);
  //= 0: no end | candidates through the last stage after which the run ends
  settings.budget = not_negative(table, "budget", table.get<std::int64_t>("budget", usual.budget));
  //= 0: no end | rank-seconds of all stages' work after which the run ends
  settings.work = not_negative(table, "work", table.get<Seconds>("work", Seconds{0}).value);
  //= with `budget`: k rises where it would not last until all candidates were looked at
  settings.pace = table.get<bool>("pace", usual.pace);
  //= with `pace`: share of the budget that is kept for the best of those held back
  settings.reserve = share(table, "reserve", table.get<double>("reserve", usual.reserve));
  //= ranks move between stages at run time
  settings.resplit = table.get<bool>("resplit", usual.resplit);
  //= with `resplit`: between two moves of ranks that have work where they are
  settings.settle =
      positive(table, "settle", table.get<Seconds>("settle", Seconds{usual.settle}).value);
  //= with `resplit`: such a rank moves where it is missed more by this share
  settings.margin = not_negative(table, "margin", table.get<double>("margin", usual.margin));
  //= orders that a rank has at most, the one that it works on among them; at most 16
  settings.depth = positive(table, "depth", table.get<int>("depth", usual.depth));
  if (settings.depth > 16) throw table.error("depth", "a rank has 16 orders at most");
}

//= [pipeline.NAME]
void read_stages(const Config& table, Settings& settings)
{
  //= in order; each is a table `[pipeline.NAME.stage.STAGE]`
  settings.stages = table.get<std::vector<std::string>>("stages");
  if (settings.stages.empty()) throw table.error("stages", "there must be one at least");
  const Config stages = table.table("stage");
  for (const auto& name : settings.stages) {
    if (std::count(settings.stages.begin(), settings.stages.end(), name) > 1)
      throw table.error("stages", "has '" + name + "' twice");
    settings.stage.push_back(read_stage(stages.table(name), name));
    if (settings.stage.back().has_model && settings.stage.size() > 1)
      throw stages.table(name).error("model", "is not the first stage's");
  }
  if (settings.has_model() && settings.stage.size() == 1)
    throw table.error("stages", "there is a model, and no stage that labels");
  for (int s = 0; s < settings.last(); ++s) {
    auto& stage = settings.stage[static_cast<std::size_t>(s)];
    const Config own = stages.table(stage.name);
    //= 1 for the last but one, else 0 | share of those held back that go on when all have been
    //= through, the best first, while `budget` or `work` is left
    stage.reconsider = share(own, "reconsider",
                             own.get<double>("reconsider", s + 1 == settings.last() ? 1.0 : 0.0));
  }
}

//= [pipeline.NAME]
void read_labels(const Config& table, Settings& settings)
{
  if (!settings.has_model()) return;
  //= the last | the stage whose score the model learns
  const std::string labels = table.get<std::string>("labels", settings.stages.back());
  const auto found = std::find(settings.stages.begin() + 1, settings.stages.end(), labels);
  if (found == settings.stages.end())
    throw table.error("labels", "must be a stage behind the model's");
  settings.labels = static_cast<int>(found - settings.stages.begin());
  settings.train = read_train(table.table("train"));
  settings.drift = read_drift(table.table("drift"));
}

}  // namespace

std::vector<std::string> names(const Config& run_file)
{
  return run_file.table("pipeline").keys();
}

Settings read_settings(const Config& run_file, const std::string& name)
{
  const Config table = run_file.table("pipeline").table(name);
  Settings settings;
  settings.name = name;
  read_flow(table, settings);
  read_stages(table, settings);
  read_labels(table, settings);
  if (run_file.table("run").get<bool>("deterministic", false))
    throw table.error("stages", "a pipeline goes by what comes first, and the run is deterministic",
                      "Set [run] deterministic = false.");
  return settings;
}

namespace {

//= [pipeline.NAME.stage.STAGE]
void leave_model(const Config& table)
{
  table.ask_all("model");
}

}  // namespace

void leave_to_others(const Config& run_file, const std::string& name)
{
  const Config stages = run_file.table("pipeline").table(name).table("stage");
  for (const auto& stage : stages.keys()) leave_model(stages.table(stage));
  const Config training = run_file.table("training").table(name);
  training.ask("loss");
  training.ask("delta");
  training.ask("last_layer");
  training.ask_all("optimizer");
}

}  // namespace cardan::pipeline
