#include "options.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>

namespace adapt {

namespace {

constexpr const char* keys[] = {"tasks",         "methods",       "seeds",
                                "noise",         "epoch_seconds", "first_runs",
                                "held_out_runs", "most_runs",     "pace"};
constexpr const char* shock_keys[] = {"viscosity", "end", "times", "positions", "resolution"};

void check_word(const std::string& option, const std::string& word,
                const std::vector<std::string>& known)
{
  if (std::find(known.begin(), known.end(), word) != known.end()) return;
  const std::string near = cardan::nearest(word, known);
  throw cardan::Error{fmt::format("{} {}", option, word),
                      fmt::format("known: {}", fmt::join(known, ", ")),
                      near.empty() ? "" : "Did you mean '" + near + "'?"};
}

/// Words of the run file, or of the command line.
std::vector<std::string> words(const cardan::Config& table, const char* key, const char* option,
                               const std::vector<std::string>& given,
                               const std::vector<std::string>& usual,
                               const std::vector<std::string>& known)
{
  auto listed = table.get<std::vector<std::string>>(key, usual);
  for (const auto& word : listed)
    if (std::find(known.begin(), known.end(), word) == known.end())
      throw table.error(key, fmt::format("known: {}", fmt::join(known, ", ")));
  if (listed.empty()) throw table.error(key, "must name one at least");
  for (const auto& word : given) check_word(option, word, known);
  return given.empty() ? listed : given;
}

std::int64_t at_least(const cardan::Config& table, const char* key, std::int64_t least,
                      std::int64_t usual)
{
  const auto value = table.get<std::int64_t>(key, usual);
  if (value < least) throw table.error(key, fmt::format("must be at least {}", least));
  return value;
}

double not_negative(const cardan::Config& table, const char* key, double usual)
{
  const auto value = table.get<double>(key, usual);
  if (!(value >= 0)) throw table.error(key, "must not be negative");
  return value;
}

template <class T>
void check_positive(const char* option, const std::optional<T>& given)
{
  if (given && !(*given > 0))
    throw cardan::Error{fmt::format("{} = {} (must be positive)", option, *given)};
}

void check_options(const Options& options)
{
  check_positive("--seeds", options.seeds);
  check_positive("--trials", options.trials);
  check_positive("--epochs", options.epochs);
  check_positive("--budget", options.budget);
  check_positive("--first-runs", options.first_runs);
  if (options.target && !std::isfinite(*options.target))
    throw cardan::Error{fmt::format("--target = {} (must be finite)", *options.target)};
  for (const auto& [option, given] :
       {std::pair{"--noise", options.noise}, {"--pace", options.pace}})
    if (given && (!(*given >= 0) || !std::isfinite(*given)))
      throw cardan::Error{fmt::format("{} = {} (must not be negative)", option, *given)};
}

ShockSettings read_shocks(const cardan::Config& table)
{
  ShockSettings shocks;
  const double unit = 0.01 / std::numbers::pi;
  const auto range =
      table.get<std::vector<double>>("viscosity", {shocks.lowest / unit, shocks.highest / unit});
  if (range.size() != 2) throw table.error("viscosity", "must be [lowest, highest]");
  shocks.lowest = range[0] * unit;
  shocks.highest = range[1] * unit;
  shocks.end = table.get<double>("end", shocks.end);
  shocks.times = static_cast<int>(at_least(table, "times", 1, shocks.times));
  shocks.positions = static_cast<int>(at_least(table, "positions", 1, shocks.positions));
  shocks.resolution = table.get<double>("resolution", shocks.resolution);
  try {
    check(shocks);
  } catch (const std::invalid_argument& problem) {
    throw table.error("viscosity", problem.what());
  }
  table.reject_unknown();
  return shocks;
}

std::map<std::string, std::int64_t> read_trials(const cardan::Config& table, std::int64_t least)
{
  std::map<std::string, std::int64_t> trials;
  for (const auto& task : known_tasks())
    if (table.has(task)) trials[task] = at_least(table, task.c_str(), least, least);
  table.reject_unknown();
  return trials;
}

}  // namespace

const std::vector<std::string>& known_tasks()
{
  static const std::vector<std::string> names{"burgers", "branin", "hartmann", "spin"};
  return names;
}

const std::vector<std::string>& known_methods()
{
  static const std::vector<std::string> names{"asha", "halving", "population", "random"};
  return names;
}

void ask_settings(const cardan::Config& table)
{
  for (const char* key : keys) table.ask(key);
  table.ask_all("spin");  // reads its own, see spin_settings.cpp
  const auto shocks = table.table("shocks");
  for (const char* key : shock_keys) shocks.ask(key);
  // The spin task reads its own.
  table.ask_all("spin");
  for (const char* trials : {"random_trials", "members"})
    for (const auto& task : known_tasks()) table.table(trials).ask(task);
}

Settings read_settings(const Options& options)
{
  check_options(options);
  const auto run_file = cardan::Config::from_file(options.command.run_file);
  const auto table = run_file.table("adapt");
  Settings settings;
  auto asked = options.tasks;
  if (std::find(asked.begin(), asked.end(), "all") != asked.end()) asked = known_tasks();
  settings.tasks = words(table, "tasks", "--task", asked, {"burgers", "spin"}, known_tasks());
  settings.methods =
      words(table, "methods", "--method", options.methods, {"asha", "random"}, known_methods());
  const std::int64_t listed = at_least(table, "seeds", 1, 5);
  const bool single = !options.compare && !options.methods.empty();
  const std::int64_t seeds = options.seeds ? *options.seeds : single ? 1 : listed;
  const std::int64_t first =
      options.command.seed.value_or(run_file.table("run").get<std::int64_t>("seed", 0));
  settings.seeds.reserve(static_cast<std::size_t>(seeds));
  for (std::int64_t i = 0; i < seeds; ++i) settings.seeds.push_back(first + i);
  settings.without_ml = options.no_ml;
  settings.trials = options.trials;
  settings.epochs = options.epochs;
  settings.budget = options.budget;
  settings.target = options.target;
  settings.until_target = options.until_target;
  settings.random_trials = read_trials(table.table("random_trials"), 1);
  settings.members = read_trials(table.table("members"), 2);
  settings.noise = options.noise.value_or(not_negative(table, "noise", settings.noise));
  settings.epoch_seconds = not_negative(table, "epoch_seconds", settings.epoch_seconds);
  settings.first_runs =
      options.first_runs.value_or(at_least(table, "first_runs", 1, settings.first_runs));
  settings.held_out_runs = at_least(table, "held_out_runs", 1, settings.held_out_runs);
  settings.most_runs = at_least(table, "most_runs", 1, settings.most_runs);
  settings.pace = options.pace.value_or(not_negative(table, "pace", settings.pace));
  settings.shocks = read_shocks(table.table("shocks"));
  ask_settings(table);
  table.reject_unknown();
  return settings;
}

void add_options(CLI::App& app, Options& options)
{
  miniapp::add_shared_options(app, options.command);
  app.add_option("--task", options.tasks,
                 "One task only (may be given again): burgers, branin, hartmann, spin, or all");
  auto* compare = app.add_flag("--compare", options.compare,
                               "All methods of the run file, each with all seeds (the default)");
  app.add_option("--method", options.methods,
                 "One scheduler only (may be given again): asha, halving, population, random; "
                 "with one seed unless --seeds says more")
      ->excludes(compare);
  app.add_flag("--no-ml", options.no_ml,
               "Without ML ranks: the first simulation rank schedules and trains all trials");
  app.add_option("--seeds", options.seeds, "Runs of each method: seeds SEED, SEED + 1, ...");
  app.add_option("--trials", options.trials,
                 "Takes the place of [tuning.*] trials, [adapt] random_trials and members");
  app.add_option(
      "--epochs", options.epochs,
      "Epochs of a trial that is never stopped; takes the place of [tuning.*.scheduler] max");
  app.add_option("--budget", options.budget,
                 "Epochs of all trials after which none are begun; takes the place of [tuning.*] "
                 "budget");
  app.add_option("--target", options.target, "Takes the place of [tuning.*] target");
  app.add_flag("--until-target", options.until_target, "A run ends where the target is reached");
  app.add_option("--noise", options.noise, "Deviation of the synthetic losses' noise");
  app.add_option("--pace", options.pace,
                 "Seconds that each run of the Burgers solver sleeps besides, as if it were a "
                 "larger one");
  app.add_option("--first-runs", options.first_runs,
                 "Runs of the Burgers solver before the tuning begins");
  app.add_flag("--no-pictures", options.no_pictures, "Do not draw PNG files at the end");
}

}  // namespace adapt
