#include "couplers/tuning/settings.hpp"

#include "config/range.hpp"
#include "registry.hpp"

#include <algorithm>

namespace cardan::tuning {

namespace {

using config::not_negative;
using config::positive;
using config::share;

//= [tuning.NAME.scheduler]
SchedulerSettings read_scheduler(const Config& table)
{
  using Kind = SchedulerSettings::Kind;
  SchedulerSettings scheduler;
  //= `"asha"`: asynchronous successive halving; `"halving"`: the same in rounds that wait for their
  //= last trial; `"random"`: all trials to the end; `"population"`: population-based training, of
  //= `trials` members
  const std::string kind =
      table.choice("kind", {"asha", "halving", "random", "population"}, "asha");
  if (kind == "halving") scheduler.kind = Kind::halving;
  if (kind == "random") scheduler.kind = Kind::random;
  if (kind == "population") scheduler.kind = Kind::population;
  //= of each rung the best 1 / eta are promoted; rungs are at `min` times 1, eta, eta^2, ... epochs
  scheduler.eta = table.get<std::int64_t>("eta", scheduler.eta);
  if (scheduler.eta < 2) throw table.error("eta", "must be at least 2");
  //= epochs of the first rung, or of a generation
  scheduler.least = positive(table, "min", table.get<std::int64_t>("min", scheduler.least));
  //= epochs of a trial that is trained to the end
  scheduler.most = positive(table, "max", table.get<std::int64_t>("max", scheduler.most));
  if (scheduler.most < scheduler.least) throw table.error("max", "must be at least min");
  if (scheduler.kind != Kind::population) return scheduler;
  //= 0.2 | of `"population"`: share of the members that goes on from as many of the best ones
  scheduler.truncate = share(table, "truncate", table.get<double>("truncate", scheduler.truncate));
  if (scheduler.truncate > 0.5) throw table.error("truncate", "half of the members at most");
  //= 1.2 | of `"population"`: what values are multiplied or divided by
  scheduler.factor = table.get<double>("factor", scheduler.factor);
  if (!(scheduler.factor > 1)) throw table.error("factor", "must be above 1");
  //= 0.25 | of `"population"`: the probability with which a value is drawn anew instead
  scheduler.resample = share(table, "resample", table.get<double>("resample", scheduler.resample));
  return scheduler;
}

//= [tuning.NAME.move]
MoveSettings read_move(const Config& table)
{
  MoveSettings move;
  //= whether ranks move between simulating and training at all
  move.on = table.get<bool>("on", move.on);
  //= ranks that simulate at first, where there is anything to simulate
  move.begin = not_negative(table, "begin", table.get<int>("begin", move.begin));
  //= samples that are there before the first trial begins: until then all ranks simulate
  move.first = not_negative(table, "first", table.get<std::int64_t>("first", move.first));
  //= 0: any | samples after which no more are made
  move.until = not_negative(table, "until", table.get<std::int64_t>("until", move.until));
  //= data are the bottleneck while new samples have been trained on more often than this: another
  //= rank simulates then; below a quarter of it one goes back to training
  move.reuse = positive(table, "reuse", table.get<double>("reuse", move.reuse));
  //= 0: twice the ranks | pieces of work between two moves
  move.every = not_negative(table, "every", table.get<std::int64_t>("every", move.every));
  //= 0: never | no more samples are made where half as many again made the best loss less by a
  //= smaller share than this
  move.gain = share(table, "gain", table.get<double>("gain", move.gain));
  return move;
}

}  // namespace

std::vector<std::int64_t> SchedulerSettings::rungs() const
{
  std::vector<std::int64_t> epochs;
  if (kind == Kind::population) {
    for (std::int64_t e = least; e < most; e += least) epochs.push_back(e);
  } else {
    for (std::int64_t e = least; e < most; e *= eta) epochs.push_back(e);
  }
  epochs.push_back(most);
  return epochs;
}

int Settings::ranks_of(int rung) const
{
  const auto at = std::min(static_cast<std::size_t>(rung), ranks_per_trial.size() - 1);
  return ranks_per_trial[at];
}

int Settings::slots_of(int ranks) const
{
  if (slots > 0) return slots;
  // Ranks that are faster have more of them; and one that comes while another leaves.
  const auto each = (trials + ranks - 1) / ranks;
  return static_cast<int>(std::min<std::int64_t>({2 * each, trials, 1024})) + 1;
}

std::vector<std::string> names(const Config& run_file)
{
  return run_file.table("tuning").keys();
}

//= [tuning.NAME]
Settings read_settings(const Config& run_file, const std::string& name)
{
  const Config table = run_file.table("tuning").table(name);
  Settings settings;
  settings.name = name;
  //= of `Tuning::model_work`: as in `[surrogate.NAME]`, a kind that is trained by gradients, as
  //= `[training.NAME]` says (`loss`, `optimizer`, `batch`)
  if (table.has("model")) static_cast<void>(module_name(table.table("model")));
  settings.scheduler = read_scheduler(table.table("scheduler"));
  using Kind = SchedulerSettings::Kind;
  const Kind kind = settings.scheduler.kind;
  if ((kind == Kind::asha || kind == Kind::population) &&
      run_file.table("run").get<bool>("deterministic", false))
    throw table.error("scheduler",
                      "what is done first is judged first, and the run is deterministic",
                      "Write kind = \"halving\".");
  //= trials, or members of a population
  settings.trials = positive(table, "trials", table.get<std::int64_t>("trials", settings.trials));
  if (settings.trials > 1000000) throw table.error("trials", "a million at most");
  if (kind == Kind::population && settings.trials < 2)
    throw table.error("trials", "a population has at least 2");
  //= 0: any | epochs of all trials together after which no more are begun
  settings.budget = not_negative(table, "budget", table.get<std::int64_t>("budget", 0));
  //= none | the loss of which the report says when it was reached
  settings.target = table.get<double>("target", settings.target);
  //= whether the run ends there
  settings.stop_at_target = table.get<bool>("stop_at_target", false);
  settings.space = read_space(run_file, name);
  if (table.has("ranks_per_trial")) {
    //= 1 | simulation ranks that train a trial together; a list: by rung, and the last one for
    //= those above
    const auto ranks = table.get<std::vector<std::int64_t>>("ranks_per_trial");
    settings.ranks_per_trial.clear();
    for (const std::int64_t each : ranks)
      settings.ranks_per_trial.push_back(static_cast<int>(
          std::min<std::int64_t>(positive(table, "ranks_per_trial", each), 1 << 20)));
    if (ranks.empty()) throw table.error("ranks_per_trial", "must be a number, or a list");
  }
  //= 0: as many as the trials need | trials in each rank's memory; where there is no room, the
  // worst = that waits makes way, and begins anew if it is promoted
  settings.slots = not_negative(table, "slots", table.get<int>("slots", settings.slots));
  //= the run's `seed` | of what is drawn from the space
  settings.seed = table.get<std::int64_t>(
      "seed", run_file.table("run").get<std::int64_t>("seed", settings.seed));
  //= samples that each rank has room for, those that are held out among them
  settings.samples =
      positive(table, "samples", table.get<std::int64_t>("samples", settings.samples));
  settings.move = read_move(table.table("move"));
  return settings;
}

void leave_to_others(const Config& run_file, const std::string& name)
{
  run_file.table("tuning").table(name).ask_all("model");
  const Config training = run_file.table("training").table(name);
  training.ask("batch");
  training.ask("loss");
  training.ask("delta");
  training.ask("last_layer");
  training.ask_all("optimizer");
}

}  // namespace cardan::tuning
