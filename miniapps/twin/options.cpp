#include "options.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace twin {

namespace {

constexpr const char* keys[] = {
    "kind",      "variables",        "fast",      "coupling",       "forcing", "interval", "noise",
    "observed",  "cycles",           "spin_up",   "seeds",          "methods", "rate",     "fewer",
    "intervals", "numbers_of_sites", "regime_at", "regime_forcing", "target"};

const std::vector<std::string> reports{"realtime", "regime", "sites", "network", "control"};

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

std::int64_t count(const cardan::Config& table, const char* key,
                   const std::optional<std::int64_t>& given, std::int64_t usual,
                   std::int64_t least = 1)
{
  const auto value = table.get<std::int64_t>(key, usual);
  if (value < least) throw table.error(key, fmt::format("must be at least {}", least));
  if (given && *given < least)
    throw cardan::Error{fmt::format("--{} = {} (must be at least {})", key, *given, least)};
  return given.value_or(value);
}

void one_of(const std::string& option, const std::string& word,
            const std::vector<std::string>& known)
{
  if (std::find(known.begin(), known.end(), word) != known.end()) return;
  const std::string near = cardan::nearest(word, known);
  throw cardan::Error{fmt::format("{} {}", option, word),
                      fmt::format("known: {}", fmt::join(known, ", ")),
                      near.empty() ? "" : "Did you mean '" + near + "'?"};
}

double share(const char* option, const std::optional<double>& given)
{
  if (!given) return 0;
  if (!(*given >= 0 && *given <= 1))
    throw cardan::Error{fmt::format("{} = {} (must be from 0 to 1)", option, *given)};
  return *given;
}

/// CYCLE:FORCING.
std::optional<Regime> read_regime(const std::string& text)
{
  if (text.empty()) return std::nullopt;
  Regime regime;
  const char* end = text.data() + text.size();
  const auto [colon, bad] = std::from_chars(text.data(), end, regime.cycle);
  bool good = bad == std::errc{} && colon != end && *colon == ':' && regime.cycle > 0;
  if (good) {
    const auto [rest, wrong] = std::from_chars(colon + 1, end, regime.forcing);
    good = wrong == std::errc{} && rest == end && std::isfinite(regime.forcing);
  }
  if (!good)
    throw cardan::Error{fmt::format("--regime {}", text), "not CYCLE:FORCING",
                        "Write --regime 1000:12, for example."};
  return regime;
}

Problem read_problem(const cardan::Config& table, const Options& options)
{
  Problem problem;
  const std::string listed = table.choice("kind", {"one_scale", "two_scale"}, problem.asset);
  if (options.asset) one_of("--asset", *options.asset, {"one_scale", "two_scale"});
  problem.asset = options.asset.value_or(listed);
  problem.variables = count(table, "variables", {}, problem.variables, 4);
  problem.fast = count(table, "fast", {}, problem.fast);
  problem.coupling = table.get<double>("coupling", problem.coupling);
  problem.forcing = number(table, "forcing", options.forcing, problem.forcing);
  // The standard one.
  if (problem.asset == "one_scale" && listed != problem.asset) {
    problem.variables = 40;
    problem.forcing = options.forcing.value_or(8);
  }
  problem.interval = number(table, "interval", options.interval, problem.interval);
  problem.noise = number(table, "noise", {}, problem.noise);
  problem.observed = table.has("observed") ? count(table, "observed", {}, 0) : 0;
  if (options.observed) problem.observed = count(table, "sites", options.observed, 1);
  if (problem.observed > problem.variables)
    throw cardan::Error{fmt::format("{} sites are to be observed", problem.observed),
                        fmt::format("the asset has {}", problem.variables)};
  problem.cycles = count(table, "cycles", options.cycles, problem.cycles);
  problem.spin_up = count(table, "spin_up", {}, problem.spin_up, 0);
  if (options.cycles) problem.spin_up = std::min(problem.spin_up, problem.cycles / 4);
  if (problem.spin_up >= problem.cycles)
    throw table.error("spin_up", fmt::format("of {} cycles none is left", problem.cycles));
  problem.regime = read_regime(options.regime);
  if (problem.regime && problem.regime->cycle >= problem.cycles)
    throw cardan::Error{fmt::format("--regime {}", options.regime),
                        fmt::format("there are {} cycles", problem.cycles)};
  return problem;
}

Clock read_clock(const cardan::Config& table, const Options& options)
{
  Clock clock;
  clock.realtime = options.realtime || options.report == "realtime";
  clock.rate = number(table, "rate", options.rate, clock.rate);
  clock.jitter = options.jitter.value_or(0);
  if (!(clock.jitter >= 0))
    throw cardan::Error{fmt::format("--jitter = {} (must not be negative)", clock.jitter)};
  clock.dropout = share("--dropout", options.dropout);
  clock.late = share("--late", options.late);
  if (clock.dropout + clock.late > 1)
    throw cardan::Error{"--dropout and --late are more than all observations"};
  clock.late_by = options.late_by.value_or(clock.late_by);
  if (clock.late_by < 1)
    throw cardan::Error{fmt::format("--late-by = {} (must be at least 1)", clock.late_by)};
  return clock;
}

void read_methods(const cardan::Config& table, const Options& options, Settings& settings)
{
  settings.methods = table.get<std::vector<std::string>>("methods", known_methods());
  for (const auto& method : settings.methods)
    if (std::find(known_methods().begin(), known_methods().end(), method) == known_methods().end())
      throw table.error("methods", fmt::format("known: {}", fmt::join(known_methods(), ", ")));
  if (options.methods.empty()) return;
  for (const auto& method : options.methods) one_of("--method", method, known_methods());
  settings.methods.clear();
  for (const auto& method : options.methods)
    if (std::find(settings.methods.begin(), settings.methods.end(), method) ==
        settings.methods.end())
      settings.methods.push_back(method);
}

void read_reports(const cardan::Config& table, const Options& options, Settings& settings)
{
  if (!options.report.empty()) one_of("--report", options.report, reports);
  const Problem& problem = settings.problem;
  settings.fewer = options.observed.value_or(count(table, "fewer", {}, settings.fewer));
  settings.numbers_of_sites =
      table.get<std::vector<std::int64_t>>("numbers_of_sites", {settings.fewer});
  for (const auto n : settings.numbers_of_sites)
    if (n < 1 || n > problem.variables)
      throw table.error("numbers_of_sites", fmt::format("must be 1 to {}", problem.variables));
  settings.fewer = std::min(settings.fewer, problem.variables);
  settings.intervals = table.get<std::vector<double>>("intervals", {problem.interval});
  for (const double interval : settings.intervals)
    if (!(interval > 0)) throw table.error("intervals", "must be positive");
  settings.change.cycle = count(table, "regime_at", {}, problem.cycles / 2);
  settings.change.forcing = number(table, "regime_forcing", {}, 14);
  if (problem.regime) settings.change = *problem.regime;
  settings.target = number(table, "target", {}, 1);
}

}  // namespace

const std::vector<std::string>& known_methods()
{
  static const std::vector<std::string> names{
      "climatology", "oi",          "3dvar",        "tuned",        "filter",         "network",
      "shut",        "sites-fixed", "sites-random", "sites-spread", "sites-reduction"};
  return names;
}

void ask_settings(const cardan::Config& table)
{
  for (const char* key : keys) table.ask(key);
}

Settings read_settings(const Options& options)
{
  const auto run_file = cardan::Config::from_file(options.command.run_file);
  const auto table = run_file.table("asset");
  Settings settings;
  settings.problem = read_problem(table, options);
  settings.clock = read_clock(table, options);
  read_methods(table, options, settings);
  read_reports(table, options, settings);

  const auto seeds = count(table, "seeds", options.seeds, 5);
  const std::int64_t first =
      options.command.seed.value_or(run_file.table("run").get<std::int64_t>("seed", 0));
  for (std::int64_t i = 0; i < seeds; ++i) settings.seeds.push_back(first + i);

  if (options.filter) one_of("--filter", *options.filter, known_filters());
  settings.filter = options.filter;
  if (options.members && *options.members < 2)
    throw cardan::Error{fmt::format("--members = {} (must be at least 2)", *options.members)};
  settings.members = options.members;
  if (options.inflation) settings.inflation = positive("--inflation", *options.inflation);
  if (options.radius) settings.radius = positive("--radius", *options.radius);
  if (options.sites)
    one_of("--sites-by", *options.sites, {"fixed", "random", "spread", "reduction"});
  settings.sites = options.sites;
  ask_settings(table);
  table.reject_unknown();
  return settings;
}

void add_options(CLI::App& app, Options& options)
{
  miniapp::add_shared_options(app, options.command);
  app.add_option("--method", options.methods,
                 "Run these only: climatology, oi, 3dvar, tuned, filter, network, shut, "
                 "sites-fixed, sites-random, sites-spread, sites-reduction");
  app.add_option("--report", options.report,
                 "Instead of a comparison of methods: realtime (deadlines, latency), regime "
                 "(recovery after a change), sites (their number and how they are chosen), network "
                 "(intervals), control (of the mean energy)");
  app.add_option("--asset", options.asset, "one_scale or two_scale");
  app.add_option("--filter", options.filter,
                 "Of the twin: sqrt, enkf, denkf, letkf, 3dvar, oi, climatology, none");
  app.add_option("--members", options.members, "Members of the filter's ensemble");
  app.add_option("--inflation", options.inflation, "Of the ensemble, at each analysis");
  app.add_option("--radius", options.radius, "Of the letkf's localisation, in sites");
  app.add_option("--sites", options.observed, "Sites that are observed in a cycle");
  app.add_option("--sites-by", options.sites,
                 "How they are chosen: fixed, random, spread, reduction");
  app.add_option("--interval", options.interval, "Model time between two cycles");
  app.add_option("--forcing", options.forcing, "The asset's");
  app.add_option("--cycles", options.cycles, "Of each run");
  app.add_option("--seeds", options.seeds, "Runs of each method, with seeds one after the other");
  app.add_flag("--realtime", options.realtime, "The wall clock paces the asset");
  app.add_option("--rate", options.rate, "Cycles a second of --realtime");
  app.add_option("--jitter", options.jitter, "Seconds by which observations are late, at most");
  app.add_option("--dropout", options.dropout, "Share of the observations that never come");
  app.add_option("--late", options.late, "Share of the observations that come cycles later");
  app.add_option("--late-by", options.late_by, "So many cycles");
  app.add_option("--regime", options.regime,
                 "CYCLE:FORCING: the asset's forcing from that cycle on");
  app.add_flag("--check", options.check, "Only check the filters against published values");
  app.add_flag("--no-pictures", options.no_pictures, "Do not draw PNG files at the end");
}

}  // namespace twin
