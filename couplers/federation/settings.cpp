#include "couplers/federation/settings.hpp"

#include "config/range.hpp"
#include "registry.hpp"

#include <cmath>

namespace cardan::federation {

namespace {

using config::not_negative;
using config::positive;

double share(const Config& table, const char* key, double value)
{
  if (!(value > 0 && value <= 1)) throw table.error(key, "must be a share, above 0 and at most 1");
  return value;
}

//= [federation.NAME.local]
LocalSettings read_local(const Config& table)
{
  LocalSettings local;
  //= optimiser steps of a silo in a round; either these or epochs
  if (table.has("steps")) local.steps = positive(table, "steps", table.get<std::int64_t>("steps"));
  if (local.steps > 0 && table.has("epochs"))
    throw table.error("epochs", "there are steps already", "Write one of the two.");
  //= passes over the silo's samples in a round
  local.epochs = positive(table, "epochs", table.get<std::int64_t>("epochs", local.epochs));
  //= 0: all | samples of an optimiser step, of the whole silo, drawn without putting back
  local.batch = not_negative(table, "batch", table.get<std::int64_t>("batch", local.batch));
  //= `"restart"`: what the optimiser remembers of past gradients ends with the round; `"keep"`:
  // each = silo's own goes on
  local.restart = table.choice("optimiser", {"restart", "keep"}, "restart") == "restart";
  return local;
}

//= [federation.NAME.compress]
CompressSettings read_compress(const Config& table)
{
  CompressSettings compress;
  //= `"top_k"`: only the largest numbers of an update are sent; `"quantise"`: few bits for each;
  // what = is left out is added to the silo's next update
  const std::string kind = table.choice("kind", {"none", "top_k", "quantise"}, "none");
  if (kind == "top_k") {
    compress.kind = CompressSettings::Kind::top_k;
    //= of `"top_k"`: share of the numbers that is sent
    compress.share = share(table, "share", table.get<double>("share", compress.share));
  }
  if (kind == "quantise") {
    compress.kind = CompressSettings::Kind::quantise;
    //= of `"quantise"`: bits of a number
    compress.bits = table.get<int>("bits", compress.bits);
    if (compress.bits < 2 || compress.bits > 16)
      throw table.error("bits", "must be at least 2 and at most 16");
  }
  return compress;
}

//= [federation.NAME.staleness]
StalenessSettings read_staleness(const Config& table)
{
  StalenessSettings staleness;
  //= with `mode = "async"`: how the weight of an update falls with the versions t that it is
  // behind: = `"constant"`: not at all; `"polynomial"`: (1 + t)^-a; `"hinge"`: 1 up to b, then = 1
  // / (a (t - b) + 1)
  const std::string kind = table.choice("kind", {"polynomial", "constant", "hinge"}, "polynomial");
  //= the weight of an update that is not behind
  staleness.alpha = share(table, "alpha", table.get<double>("alpha", staleness.alpha));
  if (kind == "constant") staleness.kind = StalenessSettings::Kind::constant;
  if (kind == "hinge") staleness.kind = StalenessSettings::Kind::hinge;
  if (staleness.kind == StalenessSettings::Kind::constant) return staleness;
  const bool hinge = staleness.kind == StalenessSettings::Kind::hinge;
  //= 0.5; 10 for `"hinge"` | not of `"constant"`
  staleness.a = not_negative(table, "a", table.get<double>("a", hinge ? 10.0 : 0.5));
  //= 4 | of `"hinge"`
  if (hinge) staleness.b = not_negative(table, "b", table.get<double>("b", staleness.b));
  return staleness;
}

//= [federation.NAME]
void read_privacy(const Config& table, Settings& settings)
{
  //= 0: any | the largest norm of a silo's update; a larger one is shortened to it
  settings.clip = not_negative(table, "clip", table.get<double>("clip", settings.clip));
  //= 0 | deviation of the Gaussian noise that each silo adds to each number of its update, in units
  //= of `clip`
  settings.noise = not_negative(table, "noise", table.get<double>("noise", settings.noise));
  if (settings.noise > 0 && !(settings.clip > 0))
    throw table.error("noise", "is in units of clip, and there is none",
                      "Write clip = 1.0, for example.");
  //= 1e-5 | of the privacy budget: the probability with which epsilon may not hold
  settings.delta = table.get<double>("delta", settings.delta);
  if (!(settings.delta > 0 && settings.delta < 1))
    throw table.error("delta", "must be above 0 and below 1");
  //= what the budget hides of a silo: that its update was there at all (against one of zeros), or
  //= `"replace"`: which of any two it was, at twice the sensitivity
  if (table.choice("unit", {"zero_out", "replace"}, "zero_out") == "replace")
    settings.unit = Unit::replace;
}

}  // namespace

double StalenessSettings::weight(std::int64_t behind) const
{
  const auto t = static_cast<double>(behind);
  switch (kind) {
    case Kind::constant: return alpha;
    case Kind::polynomial: return alpha * std::pow(1 + t, -a);
    case Kind::hinge: return t <= b ? alpha : alpha / (a * (t - b) + 1);
  }
  return alpha;
}

std::vector<std::string> names(const Config& run_file)
{
  return run_file.table("federation").keys();
}

Settings read_settings(const Config& run_file, const std::string& name)
{
  const Config table = run_file.table("federation").table(name);
  Settings settings;
  settings.name = name;
  //= as in `[surrogate.NAME]`: a kind that is trained by gradients; each silo trains it as
  //= `[training.NAME]` says (`loss`, `optimizer`)
  static_cast<void>(module_name(table.table("model")));
  //= `"sync"`: silos train in rounds, and the model is the average of a round; `"async"`: each
  //= update is taken in when it comes
  const bool async = table.choice("mode", {"sync", "async"}, "sync") == "async";
  settings.mode = async ? Mode::async : Mode::sync;
  //= with `"async"` those of each silo
  settings.rounds = positive(table, "rounds", table.get<std::int64_t>("rounds", settings.rounds));
  //= simulation ranks that are a silo together: they share a model, and average its gradients
  settings.ranks_per_silo =
      positive(table, "ranks_per_silo", table.get<int>("ranks_per_silo", settings.ranks_per_silo));
  //= `"fedprox"`: the distance from the global model holds local training back
  if (table.choice("algorithm", {"fedavg", "fedprox"}, "fedavg") == "fedprox")
    //= of `"fedprox"`: mu / 2 times that distance squared is added to the loss
    settings.mu = positive(table, "mu", table.get<double>("mu", 0.1));
  //= what a silo counts in the average of a round: as many as it has samples, or one
  if (table.choice("weights", {"samples", "equal"}, "samples") == "equal")
    settings.weights = Weights::equal;
  //= share of the silos that train in a round, chosen by the run's seed
  settings.participation = share(table, "participation", table.get<double>("participation", 1.0));
  if (async && settings.participation < 1)
    throw table.error("participation", "with mode = \"async\" every silo trains at its own pace");
  //= how long a round waits for silos after the first update of it has come; those that are late
  //= are left out, and counted
  settings.deadline =
      positive(table, "deadline", table.get<Seconds>("deadline", Seconds{60}).value);
  settings.local = read_local(table.table("local"));
  read_privacy(table, settings);
  //= true; false with noise | inputs and outputs in units of their mean and deviation over all
  //= silos: sums over their samples are joined once, before the first round. No noise hides them
  settings.normalise = table.get<bool>("normalise", settings.noise == 0);
  settings.compress = read_compress(table.table("compress"));
  settings.staleness = read_staleness(table.table("staleness"));
  if (async && run_file.table("run").get<bool>("deterministic", false))
    throw table.error("mode", "what comes first is taken in first, and the run is deterministic",
                      "Write mode = \"sync\".");
  return settings;
}

void leave_to_others(const Config& run_file, const std::string& name)
{
  run_file.table("federation").table(name).ask_all("model");
  const Config training = run_file.table("training").table(name);
  training.ask("loss");
  training.ask("delta");
  training.ask("last_layer");
  training.ask_all("optimizer");
}

}  // namespace cardan::federation
