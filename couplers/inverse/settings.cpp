#include "couplers/inverse/settings.hpp"

#include "config/range.hpp"
#include "registry.hpp"

namespace cardan::inverse {

namespace {

using config::not_negative;
using config::positive;
using config::share;

//= [inverse.NAME.proposal]
Walk walk_of(const Config& table, const std::string& fallback)
{
  //= `"random_walk"`, in the first stage `"preconditioned"` | how a chain proposes:
  //= `"random_walk"` (normal, the same deviation for every parameter), `"pcn"` (keeps the prior),
  //= `"preconditioned"` (normal, with a covariance found in the warm-up), `"langevin"` (the same
  //= along the gradient; needs `pull_back`; with a first stage for the warm-up's first part only)
  const std::string kind =
      table.choice("kind", {"random_walk", "pcn", "preconditioned", "langevin"}, fallback);
  return kind == "pcn"              ? Walk::pcn
         : kind == "preconditioned" ? Walk::preconditioned
         : kind == "langevin"       ? Walk::langevin
                                    : Walk::random_walk;
}

//= [inverse.NAME.proposal]
ProposalSettings read_proposal(const Config& table, const std::string& fallback)
{
  ProposalSettings proposal;
  proposal.kind = walk_of(table, fallback);
  //= found in the warm-up | length of a step: of a random walk the deviation of each parameter; of
  //= the others without a unit (`"pcn"`: at most 1)
  if (table.has("step")) proposal.step = positive(table, "step", table.get<double>("step"));
  if (proposal.kind == Walk::pcn && proposal.step > 1)
    throw table.error("step", "pcn knows steps up to 1, which forget where they came from");
  return proposal;
}

//= [inverse.NAME.first_stage]
FirstStage read_first_stage(const Config& table)
{
  FirstStage stage;
  //= none | a name given to `register_coarse_model`: a cheap forward model that the ML rank runs.
  //= With it the surrogate is what this says, and its `model` learns the rest
  if (table.has("coarse")) stage.coarse = table.get<std::string>("coarse");
  //= none | the surrogate, from parameters to predicted data: as in `[surrogate.NAME]`; trained in
  //= the warm-up as `[training.NAME]` says (`loss`, `optimizer`)
  stage.learns = table.has("model");
  if (!stage.learns && stage.coarse.empty())
    throw table.error("model", "there is neither a model nor a coarse one",
                      "Write model = { kind = \"linear\" }, for example.");
  if (stage.learns) static_cast<void>(module_name(table.table("model")));
  //= 0, with `coarse` 1000 | steps that each chain makes by the coarse model before its first solve
  stage.ahead = not_negative(table, "ahead",
                             table.get<std::int64_t>("ahead", stage.coarse.empty() ? 0 : 1000));
  if (stage.ahead > 0 && stage.coarse.empty())
    throw table.error("ahead", "there is no coarse model to go ahead by");
  //= steps that a chain makes by the surrogate before a solve decides
  stage.subchain = positive(table, "subchain", table.get<std::int64_t>("subchain", stage.subchain));
  //= how a chain goes on by the surrogate: keys as in `proposal`
  stage.proposal = read_proposal(table.table("proposal"), "preconditioned");
  if (stage.proposal.kind == Walk::langevin)
    throw table.table("proposal")
        .error("kind", "the surrogate's chains follow no gradient", "Take \"preconditioned\".");
  //= what is made of the surrogate's error on samples that it was not trained on: `"full"` (its
  //= mean and covariance), `"diagonal"`, `"none"`
  const std::string errors = table.choice("error_model", {"full", "diagonal", "none"}, "full");
  stage.error_model = errors == "full"       ? ErrorModel::full
                      : errors == "diagonal" ? ErrorModel::diagonal
                                             : ErrorModel::none;
  //= a fault: predictions are too large by this share, after all corrections; to see that it costs
  //= speed only
  stage.wrong = table.get<double>("wrong", stage.wrong);
  //= share of the steps that go without the surrogate: by `proposal`, and a solve each
  stage.plain = share(table, "plain", table.get<double>("plain", stage.plain));
  //= optimiser steps after the first part of the warm-up
  stage.first = positive(table, "first", table.get<std::int64_t>("first", stage.first));
  //= optimiser steps after each further part
  stage.steps = positive(table, "steps", table.get<std::int64_t>("steps", stage.steps));
  //= samples of a step, drawn from the window
  stage.batch = positive(table, "batch", table.get<std::int64_t>("batch", stage.batch));
  //= solves that are kept to learn from: the newest
  stage.window = positive(table, "window", table.get<std::int64_t>("window", stage.window));
  //= optimiser steps between two looks for results
  stage.slice = positive(table, "slice", table.get<std::int64_t>("slice", stage.slice));
  return stage;
}

//= [inverse.NAME.design]
DesignSettings read_design(const Config& table)
{
  DesignSettings design;
  //= of each start, at most
  design.iterations =
      positive(table, "iterations", table.get<std::int64_t>("iterations", design.iterations));
  //= weight of the distance to the prior's mean beside the misfit
  design.prior = not_negative(table, "prior", table.get<double>("prior", design.prior));
  //= a start ends where the largest component of the gradient, in deviations of the prior, is less
  design.tolerance = positive(table, "tolerance", table.get<double>("tolerance", design.tolerance));
  //= 0: 10 for each parameter | without `pull_back`: solves from which the surrogate learns first
  design.solves = not_negative(table, "solves", table.get<std::int64_t>("solves", design.solves));
  return design;
}

//= [inverse.NAME]
void read_chains(const Config& table, Settings& settings)
{
  const Settings usual;
  //= `"posterior"`: samples it; `"design"`: looks for the parameters that fit best
  if (table.choice("mode", {"posterior", "design"}, "posterior") == "design")
    settings.mode = Mode::design;
  //= chains, or starts of a design; more than simulation ranks keep these busy
  settings.chains = positive(table, "chains", table.get<int>("chains", usual.chains));
  //= steps of each chain that are kept
  settings.steps = positive(table, "steps", table.get<std::int64_t>("steps", usual.steps));
  //= steps of each chain before these, in which steps, covariance and surrogate are found
  settings.warmup = not_negative(table, "warmup", table.get<std::int64_t>("warmup", usual.warmup));
  //= parts of the warm-up: after each the covariance is found anew and the surrogate trained
  settings.stages = positive(table, "stages", table.get<std::int64_t>("stages", usual.stages));
  if (settings.warmup > 0 && settings.stages > settings.warmup)
    throw table.error("stages", "there are fewer steps in the warm-up");
  //= of kept steps, one out of so many is handed out and left in the file
  settings.thin = positive(table, "thin", table.get<std::int64_t>("thin", usual.thin));
  //= deviations of the prior by which chains begin apart
  settings.scatter = not_negative(table, "scatter", table.get<double>("scatter", usual.scatter));
  //= orders that wait with a simulation rank at most, the one that it works on among them
  settings.depth = positive(table, "depth", table.get<int>("depth", usual.depth));
}

}  // namespace

std::vector<std::string> names(const Config& run_file)
{
  return run_file.table("inverse").keys();
}

//= [inverse.NAME]
Settings read_settings(const Config& run_file, const std::string& name)
{
  const Config table = run_file.table("inverse").table(name);
  Settings settings;
  settings.name = name;
  read_chains(table, settings);
  settings.proposal = read_proposal(table.table("proposal"), "random_walk");
  settings.design = read_design(table.table("design"));
  //= the run's `seed`, 0 | of the random numbers: the same chains with the same seed
  settings.seed =
      table.get<std::int64_t>("seed", run_file.table("run").get<std::int64_t>("seed", 0));
  if (!table.has("first_stage")) return settings;
  settings.first_stage = read_first_stage(table.table("first_stage"));
  if (settings.mode == Mode::posterior && settings.warmup == 0)
    throw table.error("warmup", "the surrogate of the first stage is trained in it");
  if (settings.proposal.kind == Walk::langevin && settings.first_stage->plain > 0)
    throw table.table("first_stage")
        .error("plain", "steps by the surrogate know no gradient that such a step could go on from",
               "Take another proposal, or none of these steps.");
  return settings;
}

void leave_to_others(const Config& run_file, const std::string& name)
{
  const Config table = run_file.table("inverse").table(name);
  if (!table.has("first_stage")) return;
  table.table("first_stage").ask_all("model");
  const Config training = run_file.table("training").table(name);
  training.ask("loss");
  training.ask("delta");
  training.ask("last_layer");
  training.ask_all("optimizer");
}

}  // namespace cardan::inverse
