#include "couplers/ensemble/settings.hpp"

#include "config/range.hpp"
#include "registry.hpp"

#include <algorithm>

namespace cardan::ensemble {

namespace {

Config table_of(const Config& run_file, const std::string& name)
{
  return run_file.table("ensemble").table(name);
}

using config::not_negative;
using config::positive;
using config::share;

//= [ensemble.NAME.retrain]
RetrainSettings read_retrain(const Config& table)
{
  RetrainSettings retrain;
  //= new frames after which the model is trained further
  retrain.every = positive(table, "every", table.get<std::int64_t>("every", retrain.every));
  //= 256: as `every` | frames before it is trained for the first time; until then every member goes
  // on
  retrain.warmup = positive(table, "warmup", table.get<std::int64_t>("warmup", retrain.every));
  //= optimiser steps each time
  retrain.steps = positive(table, "steps", table.get<std::int64_t>("steps", retrain.steps));
  //= 10 times `steps` | optimiser steps the first time
  retrain.first = positive(table, "first", table.get<std::int64_t>("first", 10 * retrain.steps));
  //= frames of a step, drawn from the window
  retrain.batch = positive(table, "batch", table.get<std::int64_t>("batch", retrain.batch));
  //= with `barrier = false`: optimiser steps between two looks for frames that have come
  retrain.slice = positive(table, "slice", table.get<std::int64_t>("slice", retrain.slice));
  return retrain;
}

//= [ensemble.NAME.resample]
ResampleSettings read_resample(const Config& table)
{
  ResampleSettings resample;
  //= bins along each of the first coordinates of the space; the members are dealt evenly to those
  //= bins that have any
  resample.bins = table.get<std::vector<std::int64_t>>("bins", resample.bins);
  if (resample.bins.empty() || std::any_of(resample.bins.begin(), resample.bins.end(),
                                           [](std::int64_t bins) { return bins < 1; }))
    throw table.error("bins", "must be one positive number for each coordinate");
  //= {}: the least of the window's frames | where the first bin of each coordinate begins; what
  //= lies below belongs to it
  resample.lower = table.get<std::vector<double>>("lower", {});
  //= {}: the largest of the window's frames | where the last bin of each coordinate ends; what lies
  //= above belongs to it
  resample.upper = table.get<std::vector<double>>("upper", {});
  const auto fits = [&](const std::vector<double>& ends) {
    return ends.empty() || ends.size() == resample.bins.size();
  };
  if (!fits(resample.lower))
    throw table.error("lower", "must be one number for each coordinate that bins has");
  if (!fits(resample.upper))
    throw table.error("upper", "must be one number for each coordinate that bins has");
  for (std::size_t i = 0; i < std::min(resample.lower.size(), resample.upper.size()); ++i)
    if (!(resample.lower[i] < resample.upper[i]))
      throw table.error("upper", "must be above lower in each coordinate");
  return resample;
}

//= [ensemble.NAME.swarm]
SwarmSettings read_swarm(const Config& table)
{
  SwarmSettings swarm;
  //= two minima are one where their objectives differ by less
  swarm.tolerance =
      not_negative(table, "tolerance", table.get<double>("tolerance", swarm.tolerance));
  //= 0: not looked at | and their descriptors are nearer than this
  swarm.distance = not_negative(table, "distance", table.get<double>("distance", swarm.distance));
  //= segments without a new best of its own after which a member is sent elsewhere
  swarm.patience = positive(table, "patience", table.get<std::int64_t>("patience", swarm.patience));
  //= in units of the objective: minima are chosen by exp(-(objective - lowest) / temperature),
  //= divided by how often they were, plus one
  swarm.temperature =
      positive(table, "temperature", table.get<double>("temperature", swarm.temperature));
  //= share of the restarts that begin anew instead
  swarm.fresh = share(table, "fresh", table.get<double>("fresh", swarm.fresh));
  //= minima that are kept: the lowest
  swarm.archive = positive(table, "archive", table.get<std::int64_t>("archive", swarm.archive));
  return swarm;
}

//= [ensemble.NAME]
Mode read_mode(const Config& table)
{
  //= what decisions are for: to send members to frames where the others have not been; `"random"`:
  //= to frames drawn at random; `"resample"`: more members for rare states, with weights that keep
  //= averages unbiased; `"swarm"`: to minimise together; `"none"`: every member goes on
  const std::string mode =
      table.choice("mode", {"novelty", "random", "resample", "swarm", "none"}, "novelty");
  if (mode == "random") return Mode::random;
  if (mode == "resample") return Mode::resample;
  if (mode == "swarm") return Mode::swarm;
  if (mode == "none") return Mode::none;
  return Mode::novelty;
}

//= [ensemble.NAME]
Score read_score(const Config& table)
{
  //= how novel a frame is: its distance to the k-th nearest other one; the local outlier factor;
  //= the inverse density by a Gaussian kernel; the spread of the model's members; or the error of
  //= its reconstruction
  const std::string score =
      table.choice("score", {"nearest", "lof", "density", "spread", "error"}, "nearest");
  if (score == "lof") return Score::lof;
  if (score == "density") return Score::density;
  if (score == "spread") return Score::spread;
  if (score == "error") return Score::error;
  return Score::nearest;
}

//= [ensemble.NAME]
void read_judgement(const Config& table, EnsembleSettings& settings)
{
  const EnsembleSettings usual;
  settings.mode = read_mode(table);
  //= frames of all members that are kept and judged
  settings.window = positive(table, "window", table.get<std::int64_t>("window", usual.window));
  //= share of the members that is restarted at once, at most
  settings.restarts = share(table, "restarts", table.get<double>("restarts", usual.restarts));
  //= with `barrier = false`: restarts are chosen when so many segments of all members have come
  settings.every = positive(table, "every", table.get<std::int64_t>("every", usual.every));
  //= where distances are taken: between descriptors, or between what the model makes of them
  if (table.choice("space", {"descriptor", "latent"}, "descriptor") == "latent")
    settings.space = Space::latent;
  //= coordinates as they are; `"deviation"`: each in units of its deviation over the window
  if (table.choice("scale", {"none", "deviation"}, "none") == "deviation")
    settings.scale = Scale::deviation;
  settings.score = read_score(table);
  //= 1; 20 for `"lof"` | the k of `"nearest"` and `"lof"`
  settings.neighbours =
      positive(table, "neighbours",
               table.get<std::int64_t>("neighbours", settings.score == Score::lof ? 20 : 1));
  //= 0: four times the median distance to the nearest neighbour | of the density's kernel
  settings.bandwidth =
      not_negative(table, "bandwidth", table.get<double>("bandwidth", usual.bandwidth));
  //= 0: four times the median distance to the nearest neighbour | of several frames that are chosen
  //= at once, those closer than this to one that was chosen before count less, in proportion
  settings.spacing = not_negative(table, "spacing", table.get<double>("spacing", usual.spacing));
  //= restarts from one frame at most; 0: any number
  settings.reuse = not_negative(table, "reuse", table.get<std::int64_t>("reuse", usual.reuse));
  //= segments that a member runs at least before it is restarted again
  settings.grace = not_negative(table, "grace", table.get<std::int64_t>("grace", usual.grace));
  //= a member that came to its own end is restarted from a novel frame
  settings.revive = table.get<bool>("revive", usual.revive);
  //= failures of a member after which it is stopped instead of replaced
  settings.failures =
      positive(table, "failures", table.get<std::int64_t>("failures", usual.failures));
}

//= [ensemble.NAME]
void read_flow(const Config& table, EnsembleSettings& settings)
{
  const EnsembleSettings usual;
  //= over the simulation ranks in order, in blocks that differ by one at most
  settings.members = positive(table, "members", table.get<int>("members", usual.members));
  //= simulation ranks that run a member together
  settings.ranks_per_member = positive(table, "ranks_per_member",
                                       table.get<int>("ranks_per_member", usual.ranks_per_member));
  //= all members wait for the decisions of a round; otherwise each takes what has arrived and goes
  // on
  settings.barrier = table.get<bool>("barrier", usual.barrier);
  //= where the ML rank is behind, members wait for it; `"drop"`: their frames are left out, and
  //= counted
  settings.wait_when_full = table.choice("full", {"wait", "drop"}, "wait") == "wait";
  //= how long a member waits for a decision with `barrier = true`; then it goes on
  settings.deadline =
      positive(table, "deadline", table.get<Seconds>("deadline", Seconds{usual.deadline}).value);
  //= decisions made from a frame that is more segments old are late
  settings.max_age =
      not_negative(table, "max_age", table.get<std::int64_t>("max_age", usual.max_age));
  //= late decisions are dropped, or applied all the same; counted either way
  settings.apply_late = table.choice("late", {"drop", "apply"}, "drop") == "apply";
}

void check(const Config& table, const EnsembleSettings& settings)
{
  const char* wants_model = settings.space == Space::latent   ? "space"
                            : settings.score == Score::spread ? "score"
                            : settings.score == Score::error  ? "score"
                                                              : nullptr;
  if (wants_model != nullptr && !settings.has_model)
    throw table.error(wants_model, "needs a model",
                      "Write model = { kind = \"autoencoder\", latent = 2 }, for example.");
  if (settings.lag > 0 && !settings.has_model)
    throw table.error("lag", "is the model's, and there is none",
                      "Write model = { kind = \"autoencoder\", latent = 2 }, for example.");
  if (settings.window < settings.members)
    throw table.error("window", "must have room for one frame of each member at least",
                      "Write a number that is not below members.");
  if (settings.lag > 0 && settings.score == Score::error)
    throw table.error("score", "with a lag the model does not make the frame again",
                      "Leave lag out, or take another score.");
  if (settings.barrier && !settings.wait_when_full)
    throw table.error("full", "a round waits for the frames of all members",
                      "Set full = \"wait\", or barrier = false.");
}

}  // namespace

std::vector<std::string> ensemble_names(const Config& run_file)
{
  return run_file.table("ensemble").keys();
}

EnsembleSettings read_ensemble(const Config& run_file, const std::string& name)
{
  const Config table = table_of(run_file, name);
  EnsembleSettings settings;
  settings.name = name;
  read_flow(table, settings);
  read_judgement(table, settings);
  //= none | needed by `space = "latent"` and the scores of a model: as in `[surrogate.NAME]`; it is
  //= trained in the run as `[training.NAME]` says (`loss`, `optimizer`)
  settings.has_model = table.has("model");
  if (settings.has_model) static_cast<void>(module_name(table.table("model")));
  //= 0: the same | segments between a frame and the one of the same member that the model is to
  //= make of it
  settings.lag = not_negative(table, "lag", table.get<std::int64_t>("lag", settings.lag));
  settings.retrain = read_retrain(table.table("retrain"));
  settings.resample = read_resample(table.table("resample"));
  settings.swarm = read_swarm(table.table("swarm"));
  check(table, settings);
  return settings;
}

void leave_to_module(const Config& run_file, const std::string& name)
{
  table_of(run_file, name).ask_all("model");
  const Config training = run_file.table("training").table(name);
  training.ask("loss");
  training.ask("delta");
  training.ask("last_layer");
  training.ask_all("optimizer");
}

}  // namespace cardan::ensemble
