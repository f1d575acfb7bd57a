#include "options.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

namespace federate {

namespace {

constexpr const char* keys[] = {"problem", "methods", "rounds", "steps",    "batch",
                                "rate",    "mu",      "sweep",  "quadratic"};
constexpr const char* sweep_keys[] = {"rounds", "steps", "rates", "mu"};
constexpr const char* quadratic_keys[] = {"rounds", "steps", "rate"};

const std::vector<std::string> problems{"subgrid", "quadratic"};
const std::vector<std::string> compressions{"none", "top_k", "quantise"};

void check_word(const std::string& option, const std::string& word,
                const std::vector<std::string>& known)
{
  if (std::find(known.begin(), known.end(), word) != known.end()) return;
  const std::string near = cardan::nearest(word, known);
  throw cardan::Error{fmt::format("{} {}", option, word),
                      fmt::format("known: {}", fmt::join(known, ", ")),
                      near.empty() ? "" : "Did you mean '" + near + "'?"};
}

/// A number of the run file, or of the command line; above zero.
template <class T>
T positive(const cardan::Config& table, const char* key, const char* option,
           const std::optional<T>& given, T usual)
{
  const T value = table.get<T>(key, usual);
  if (!(value > 0)) throw table.error(key, "must be positive");
  if (given && !(*given > 0))
    throw cardan::Error{fmt::format("{} = {} (must be positive)", option, *given)};
  return given.value_or(value);
}

void check_not_negative(const char* option, const std::optional<double>& given)
{
  if (given && (!(*given >= 0) || !std::isfinite(*given)))
    throw cardan::Error{fmt::format("{} = {} (must not be negative)", option, *given)};
}

Sweep read_sweep(const cardan::Config& table)
{
  Sweep sweep;
  sweep.rounds = positive<std::int64_t>(table, "rounds", "", {}, sweep.rounds);
  sweep.steps = table.get<std::vector<std::int64_t>>("steps", {10, 20});
  sweep.rates = table.get<std::vector<double>>("rates", {1e-3, 3e-3});
  sweep.mu = table.get<std::vector<double>>("mu", {0.001, 0.01, 0.1});
  for (const auto steps : sweep.steps)
    if (steps < 1) throw table.error("steps", "each must be at least 1");
  for (const auto rate : sweep.rates)
    if (!(rate > 0)) throw table.error("rates", "each must be positive");
  for (const auto mu : sweep.mu)
    if (!(mu > 0)) throw table.error("mu", "each must be positive");
  return sweep;
}

std::vector<std::string> read_methods(const cardan::Config& table, const Options& options)
{
  for (const auto& method : options.methods) check_word("--method", method, known_methods());
  const auto listed = table.get<std::vector<std::string>>("methods", known_methods());
  for (const auto& method : listed)
    if (std::find(known_methods().begin(), known_methods().end(), method) == known_methods().end())
      throw table.error("methods", fmt::format("known: {}", fmt::join(known_methods(), ", ")));
  if (listed.empty()) throw table.error("methods", "one at least is needed");
  return options.methods.empty() ? listed : options.methods;
}

}  // namespace

const std::vector<std::string>& known_methods()
{
  static const std::vector<std::string> names{"fedavg",     "fedprox", "async", "private",
                                              "compressed", "alone",   "pooled"};
  return names;
}

void ask_settings(const cardan::Config& table)
{
  for (const char* key : keys) table.ask(key);
  const auto sweep = table.table("sweep");
  for (const char* key : sweep_keys) sweep.ask(key);
  const auto quadratic = table.table("quadratic");
  for (const char* key : quadratic_keys) quadratic.ask(key);
}

Settings read_settings(const Options& options)
{
  const auto run_file = cardan::Config::from_file(options.command.run_file);
  const auto table = run_file.table("federate");
  Settings settings;
  settings.problem =
      options.problem ? *options.problem : table.choice("problem", problems, settings.problem);
  check_word("--problem", settings.problem, problems);
  settings.methods = read_methods(table, options);
  settings.seed = options.command.seed.value_or(run_file.table("run").get<std::int64_t>("seed", 0));
  const bool quadratic = settings.problem == "quadratic";
  const auto own = quadratic ? table.table("quadratic") : table;
  settings.rounds = positive(own, "rounds", "--rounds", options.rounds, settings.rounds);
  settings.local_steps =
      positive(own, "steps", "--local-steps", options.local_steps, settings.local_steps);
  settings.batch = positive<std::int64_t>(table, "batch", "", {}, settings.batch);
  settings.rate = positive<double>(own, "rate", "", {}, quadratic ? 0.05 : settings.rate);
  settings.mu = positive<double>(table, "mu", "", {}, settings.mu);
  check_not_negative("--clip", options.clip);
  check_not_negative("--noise", options.noise);
  if (options.compress) check_word("--compress", *options.compress, compressions);
  settings.clip = options.clip;
  settings.noise = options.noise;
  settings.compress = options.compress;
  const auto sweep = read_sweep(table.table("sweep"));
  if (!options.no_sweep && table.has("sweep") && !quadratic && options.methods.empty())
    settings.sweep = sweep;
  if (quadratic) settings.methods = {"quadratic"};
  ask_settings(table);
  table.reject_unknown();
  return settings;
}

void add_options(CLI::App& app, Options& options)
{
  miniapp::add_shared_options(app, options.command);
  app.add_option("--problem", options.problem,
                 "subgrid (a closure of Burgers turbulence) or quadratic (linear regression, whose "
                 "fixed point is known)");
  app.add_option("--method", options.methods,
                 "One method only (may be given again): fedavg, fedprox, async, private, "
                 "compressed, alone, pooled; without choosing settings first");
  app.add_option("--rounds", options.rounds, "Rounds of each method");
  app.add_option("--local-steps", options.local_steps,
                 "Optimiser steps of a silo in a round, where they are not chosen by a sweep");
  app.add_option("--clip", options.clip, "Of private: the largest norm of an update");
  app.add_option("--noise", options.noise, "Of private: the noise's deviation in units of --clip");
  app.add_option("--compress", options.compress, "Of compressed: none, top_k or quantise");
  app.add_flag("--no-sweep", options.no_sweep, "Take the run file's settings, choose none");
  app.add_flag("--no-pictures", options.no_pictures, "Do not make report.html at the end");
}

}  // namespace federate
