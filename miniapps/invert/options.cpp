#include "options.hpp"

#include "wanted.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

namespace invert {

namespace {

constexpr const char* keys[] = {"data",    "prior_mean", "prior_deviation", "identifiable",
                                "methods", "wanted",     "tolerance"};

const std::vector<std::string> modes{"posterior", "design"};
const std::vector<std::string> data_kinds{"published", "regenerated"};

std::string one_of(const std::string& option, const std::string& word,
                   const std::vector<std::string>& known)
{
  if (std::find(known.begin(), known.end(), word) != known.end()) return word;
  const std::string near = cardan::nearest(word, known);
  throw cardan::Error{fmt::format("{} {}", option, word),
                      fmt::format("known: {}", fmt::join(known, ", ")),
                      near.empty() ? "" : "Did you mean '" + near + "'?"};
}

double positive(const cardan::Config& table, const char* key, double usual)
{
  const auto value = table.get<double>(key, usual);
  if (!(value > 0) || !std::isfinite(value)) throw table.error(key, "must be positive");
  return value;
}

std::optional<std::int64_t> counted(const char* option, const std::optional<std::int64_t>& given,
                                    std::int64_t least)
{
  if (given && *given < least)
    throw cardan::Error{fmt::format("{} = {} (must be at least {})", option, *given, least)};
  return given;
}

std::vector<std::string> read_methods(const cardan::Config& table, const Options& options)
{
  auto listed = table.get<std::vector<std::string>>("methods", known_methods());
  for (const auto& method : listed)
    if (std::find(known_methods().begin(), known_methods().end(), method) == known_methods().end())
      throw table.error("methods", fmt::format("known: {}", fmt::join(known_methods(), ", ")));
  if (options.methods.empty() && !options.wrong_surrogate) {
    if (listed.empty()) throw table.error("methods", "there is none");
    return listed;
  }
  std::vector<std::string> methods;
  const auto add = [&](const std::string& method) {
    if (std::find(methods.begin(), methods.end(), method) == methods.end())
      methods.push_back(method);
  };
  for (const auto& method : options.methods) add(one_of("--method", method, known_methods()));
  // Beside the right one and none, which it is compared with.
  if (options.wrong_surrogate && methods.empty())
    for (const char* method : {"surrogate", "langevin"}) add(method);
  if (options.wrong_surrogate) add("wrong");
  return methods;
}

}  // namespace

const std::vector<std::string>& known_methods()
{
  static const std::vector<std::string> names{"surrogate",      "coarse",   "network",    "wrong",
                                              "preconditioned", "langevin", "random-walk"};
  return names;
}

void ask_settings(const cardan::Config& table)
{
  for (const char* key : keys) table.ask(key);
}

Settings read_settings(const Options& options)
{
  const auto run_file = cardan::Config::from_file(options.command.run_file);
  const auto table = run_file.table("invert");
  Settings settings;
  settings.mode = one_of("--mode", options.mode, modes);
  settings.data = table.choice("data", data_kinds, settings.data);
  if (options.data) settings.data = one_of("--data", *options.data, data_kinds);
  settings.prior.mean = table.get<double>("prior_mean", settings.prior.mean);
  if (!std::isfinite(settings.prior.mean)) throw table.error("prior_mean", "must be a number");
  settings.prior.deviation = positive(table, "prior_deviation", settings.prior.deviation);
  settings.identifiable = positive(table, "identifiable", settings.identifiable);
  if (settings.identifiable > 1) throw table.error("identifiable", "must be at most 1");
  settings.methods = read_methods(table, options);
  settings.wanted = table.choice("wanted", known_fields(), settings.wanted);
  if (options.wanted) settings.wanted = one_of("--wanted", *options.wanted, known_fields());
  settings.tolerance = positive(table, "tolerance", settings.tolerance);
  settings.seed =
      options.command.seed.value_or(run_file.table("run").get<std::int64_t>("seed", settings.seed));
  settings.chains = counted("--chains", options.chains, 1);
  settings.steps = counted("--steps", options.steps, 4);
  settings.warmup = counted("--warmup", options.warmup, 0);
  ask_settings(table);
  table.reject_unknown();
  return settings;
}

void add_options(CLI::App& app, Options& options)
{
  miniapp::add_shared_options(app, options.command);
  app.add_option("--mode", options.mode, "posterior (chains) or design (one best stiffness)")
      ->capture_default_str();
  app.add_option("--method", options.methods,
                 fmt::format("Run these only: {}", fmt::join(known_methods(), ", ")));
  app.add_flag("--wrong-surrogate", options.wrong_surrogate,
               "Also chains whose surrogate is wrong on purpose: slower, and the same posterior");
  app.add_option("--data", options.data,
                 "published, or regenerated by a solve of the truth on 256 x 256 cells");
  app.add_option("--chains", options.chains, "Chains of each method, or starts of a design");
  app.add_option("--steps", options.steps, "Kept steps of each chain");
  app.add_option("--warmup", options.warmup, "Steps of each chain before those");
  app.add_option("--wanted", options.wanted,
                 fmt::format("Of --mode design: the field that is wanted: {}",
                             fmt::join(known_fields(), ", ")));
  app.add_flag("--check", options.check, "Only compare the physics with published values");
  app.add_flag("--no-pictures", options.no_pictures, "Do not draw PNG files at the end");
}

}  // namespace invert
