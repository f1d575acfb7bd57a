#include "options.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace steer {

namespace {

constexpr const char* keys[] = {"system",       "temperature",    "target",  "engine",
                                "dt",           "friction",       "segment", "budget",
                                "methods",      "seeds",          "seconds", "hops",
                                "temperatures", "barrier_height", "nuisance"};

const std::vector<std::string> reports{"temperature", "async", "latency", "resample", "swarm"};

double positive(const std::string& option, double value)
{
  if (!(value > 0) || !std::isfinite(value))
    throw cardan::Error{fmt::format("{} = {} (must be positive)", option, value)};
  return value;
}

/// A number of the run file, or of the command line.
double number(const cardan::Config& table, const char* key, const std::optional<double>& given,
              double usual)
{
  const auto value = table.get<double>(key, usual);
  if (!(value > 0)) throw table.error(key, "must be positive");
  return given ? positive(std::string("--") + key, *given) : value;
}

std::string one_of(const std::string& option, const std::string& word,
                   const std::vector<std::string>& known)
{
  if (std::find(known.begin(), known.end(), word) != known.end()) return word;
  const std::string near = cardan::nearest(word, known);
  throw cardan::Error{fmt::format("{} {}", option, word),
                      fmt::format("known: {}", fmt::join(known, ", ")),
                      near.empty() ? "" : "Did you mean '" + near + "'?"};
}

SystemSettings read_system(const cardan::Config& table, const Options& options)
{
  SystemSettings system;
  system.name = options.system.value_or(table.get<std::string>("system", system.name));
  system.target = options.target.value_or(table.get<std::string>("target", system.target));
  system.engine = options.engine.value_or(table.get<std::string>("engine", system.engine));
  // A temperature that suits one system does not suit another.
  const bool other = options.system && *options.system != table.get<std::string>("system", "lj7");
  const double usual = other && system.name == "muller_brown" ? 20
                       : other                                ? system.temperature
                               : table.get<double>("temperature", 0.15);
  if (!(usual > 0)) throw table.error("temperature", "must be positive");
  system.temperature =
      options.temperature ? positive("--temperature", *options.temperature) : usual;
  system.dt = other ? 0 : table.get<double>("dt", 0);
  if (!(system.dt >= 0)) throw table.error("dt", "must not be negative (0: the system's own)");
  system.nuisance = options.nuisance.value_or(table.get<std::int64_t>("nuisance", 0));
  if (system.nuisance < 0) throw table.error("nuisance", "must not be negative");
  system.friction = table.get<double>("friction", system.friction);
  if (!(system.friction > 0)) throw table.error("friction", "must be positive");
  return system;
}

std::vector<std::string> read_methods(const cardan::Config& table, const Options& options)
{
  auto all = table.get<std::vector<std::string>>("methods", known_methods());
  for (const auto& method : all)
    if (std::find(known_methods().begin(), known_methods().end(), method) == known_methods().end())
      throw table.error("methods", "known: " + fmt::format("{}", fmt::join(known_methods(), ", ")));
  if (options.no_ml) return {"independent"};
  if (!options.methods.empty()) {
    for (const auto& method : options.methods) one_of("--method", method, known_methods());
    return options.methods;
  }
  return all;
}

}  // namespace

const std::vector<std::string>& known_methods()
{
  static const std::vector<std::string> names{"novelty",     "knn",      "random",
                                              "independent", "resample", "swarm"};
  return names;
}

std::string table_of(const std::string& method)
{
  if (method == "novelty") return "network";
  // Without ML ranks it does not matter which: this one has no model to be checked.
  if (method == "independent") return "random";
  return method;
}

void ask_settings(const cardan::Config& table)
{
  for (const char* key : keys) table.ask(key);
}

Settings read_settings(const Options& options)
{
  const auto run_file = cardan::Config::from_file(options.command.run_file);
  const auto table = run_file.table("steer");
  Settings settings;
  settings.system = read_system(table, options);
  if (!options.report.empty()) one_of("--report", options.report, reports);
  settings.methods = read_methods(table, options);
  settings.segment = number(table, "segment", options.segment, settings.segment);
  settings.budget = number(table, "budget", options.budget, settings.budget);
  settings.seconds = number(table, "seconds", options.seconds, settings.seconds);
  settings.hops = table.get<std::int64_t>("hops", settings.hops);
  if (settings.hops < 1) throw table.error("hops", "must be at least 1");
  settings.temperatures =
      table.get<std::vector<double>>("temperatures", {settings.system.temperature});
  for (const double t : settings.temperatures)
    if (!(t > 0)) throw table.error("temperatures", "must be positive");
  settings.barrier_height = table.get<double>("barrier_height", 0);

  const auto listed = table.get<std::int64_t>("seeds", 5);
  if (listed < 1) throw table.error("seeds", "must be at least 1");
  const bool single =
      !options.compare && options.report.empty() && (options.no_ml || !options.methods.empty());
  const std::int64_t seeds = options.seeds ? *options.seeds : single ? 1 : listed;
  if (seeds < 1) throw cardan::Error{fmt::format("--seeds = {} (must be at least 1)", seeds)};
  const std::int64_t first =
      options.command.seed.value_or(run_file.table("run").get<std::int64_t>("seed", 0));
  for (std::int64_t i = 0; i < seeds; ++i) settings.seeds.push_back(first + i);

  if (options.members && *options.members < 1)
    throw cardan::Error{fmt::format("--members = {} (must be at least 1)", *options.members)};
  settings.members = options.members;
  if (options.barrier) settings.barrier = true;
  if (options.async) settings.barrier = false;
  if (!(options.pace >= 0))
    throw cardan::Error{fmt::format("--pace = {} (must not be negative)", options.pace)};
  if (!(options.uneven >= 1))
    throw cardan::Error{fmt::format("--uneven = {} (must be at least 1)", options.uneven)};
  settings.pace = options.pace;
  settings.uneven = options.uneven;
  ask_settings(table);
  table.reject_unknown();
  return settings;
}

void add_options(CLI::App& app, Options& options)
{
  miniapp::add_shared_options(app, options.command);
  auto* compare = app.add_flag("--compare", options.compare,
                               "All methods of the run file, each with all seeds (the default)");
  auto* method =
      app.add_option("--method", options.methods,
                     "One method only (may be given again): novelty, knn, random, independent, "
                     "resample, swarm; with one seed unless --seeds says more");
  auto* no_ml =
      app.add_flag("--no-ml", options.no_ml, "Independent walkers only, without ML ranks");
  no_ml->excludes(compare)->excludes(method);
  method->excludes(compare);
  app.add_option("--seeds", options.seeds, "Runs of each method: seeds SEED, SEED + 1, ...");
  app.add_option("--system", options.system, "muller_brown, lj7, lj13 or lj38");
  app.add_option("--target", options.target,
                 "States to find: labels (which atom is in the middle) or isomers");
  app.add_option("--temperature", options.temperature, "kT, in units of the system's energy");
  app.add_option("--nuisance", options.nuisance,
                 "Numbers of noise behind the descriptor, as of a solvent that says nothing");
  app.add_option("--engine", options.engine, "What does the dynamics: built-in or lammps");
  app.add_option("--members", options.members, "Walkers; takes the place of [ensemble.*] members");
  app.add_option("--segment", options.segment, "Simulated time between two frames of a walker");
  app.add_option("--budget", options.budget,
                 "Simulated time of all walkers together after which a run is censored");
  auto* barrier =
      app.add_flag("--barrier", options.barrier, "All walkers wait for all decisions of a round");
  app.add_flag("--async", options.async, "Each takes what has arrived and goes on")
      ->excludes(barrier);
  app.add_option("--pace", options.pace,
                 "Seconds that each segment sleeps besides, as if it were computed elsewhere");
  app.add_option("--uneven", options.uneven,
                 "The last walker's --pace is so many times the first one's; linear between them");
  app.add_option("--report", options.report,
                 "Instead of a comparison: temperature (the ratio to independent walkers as a "
                 "curve), async (barrier against asynchronous), latency (of decisions), resample "
                 "(populations against equilibrium), swarm (basin hopping)");
  app.add_option("--seconds", options.seconds,
                 "Wall-clock time of a run of --report async, latency");
  app.add_flag("--check", options.check, "Only check the dynamics, without any steering");
  app.add_flag("--no-pictures", options.no_pictures, "Do not draw PNG files at the end");
}

}  // namespace steer
