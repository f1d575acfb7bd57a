#include "options.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace reduce {

namespace {

constexpr const char* keys[] = {"system",
                                "size",
                                "warmup",
                                "steps",
                                "stride",
                                "encoder",
                                "encoders",
                                "eps",
                                "rate_eps",
                                "bound_eps",
                                "puts",
                                "interval",
                                "lessons",
                                "lesson_stride",
                                "repetitions",
                                "drift_puts",
                                "drift_stride",
                                "rates",
                                "changed_rates",
                                "viscosity",
                                "wavenumber",
                                "perturbation",
                                "changed_viscosity",
                                "block",
                                "drift_eps",
                                "rate_latents"};

const std::vector<std::string> reports{"default", "rate", "bound", "drift", "cost"};

std::string one_of(const std::string& option, const std::string& word,
                   const std::vector<std::string>& known)
{
  if (std::find(known.begin(), known.end(), word) != known.end()) return word;
  const std::string near = cardan::nearest(word, known);
  throw cardan::Error{fmt::format("{} {}", option, word),
                      fmt::format("known: {}", fmt::join(known, ", ")),
                      near.empty() ? "" : "Did you mean '" + near + "'?"};
}

/// A positive number of the run file, or of the command line.
template <class T>
T positive(const cardan::Config& table, const char* key, const std::optional<T>& given, T usual)
{
  const auto value = table.get<T>(key, usual);
  if (!(value > 0)) throw table.error(key, "must be positive");
  if (given && !(*given > 0))
    throw cardan::Error{fmt::format("--{} = {} (must be positive)", key, *given)};
  return given.value_or(value);
}

template <class T>
T positive(const cardan::Config& table, const char* key, T usual)
{
  return positive(table, key, std::optional<T>{}, usual);
}

std::vector<double> bounds(const cardan::Config& table, const char* key,
                           const std::vector<double>& usual)
{
  auto values = table.get<std::vector<double>>(key, usual);
  for (const double eps : values)
    if (!(eps > 0 && eps < 1)) throw table.error(key, "must be above 0 and below 1");
  return values;
}

Rates rates(const cardan::Config& table, const char* key, const Rates& usual)
{
  const auto pair = table.get<std::vector<double>>(key, {usual.feed, usual.kill});
  if (pair.size() != 2 || !(pair[0] > 0 && pair[1] > 0 && pair[0] + pair[1] < 1))
    throw table.error(key, "must be feed and kill, two positive numbers");
  return {pair[0], pair[1]};
}

SystemSettings read_system(const cardan::Config& table, const Options& options)
{
  SystemSettings system;
  const auto listed = table.choice("system", known_systems(), system.name);
  system.name = options.system ? one_of("--system", *options.system, known_systems()) : listed;
  // A size that suits the plane does not suit space.
  const std::int64_t usual = system.name == "gray-scott-3d" ? 48 : 256;
  system.size = positive(table, "size", options.size, usual);
  if (!options.size && system.name != listed) system.size = usual;
  if (system.size < 8)
    throw cardan::Error{fmt::format("size = {} (must be at least 8)", system.size)};
  system.rates = rates(table, "rates", system.rates);
  system.changed_rates = rates(table, "changed_rates", system.changed_rates);
  system.viscosity = positive(table, "viscosity", system.viscosity);
  system.changed_viscosity = positive(table, "changed_viscosity", system.changed_viscosity);
  system.wavenumber = positive(table, "wavenumber", system.wavenumber);
  system.perturbation = table.get<double>("perturbation", system.perturbation);
  if (!(system.perturbation >= 0 && system.perturbation <= 1))
    throw table.error("perturbation", "must be from 0 to 1");
  return system;
}

void read_reductions(const cardan::Config& table, const Options& options, Settings& settings)
{
  settings.encoder = table.choice("encoder", known_encoders(), settings.encoder);
  if (options.encoder) settings.encoder = one_of("--encoder", *options.encoder, known_encoders());
  settings.encoders = table.get<std::vector<std::string>>("encoders", known_encoders());
  for (const auto& encoder : settings.encoders)
    if (std::find(known_encoders().begin(), known_encoders().end(), encoder) ==
        known_encoders().end())
      throw table.error("encoders", fmt::format("known: {}", fmt::join(known_encoders(), ", ")));
  // One encoder that was asked for, and what it is compared with.
  if (options.encoder && options.report != "default") settings.encoders = {settings.encoder};
  if (options.encoder && options.report == "rate" && settings.encoder != "none")
    settings.encoders = {"none", settings.encoder};
  settings.eps = bounds(table, "eps", {settings.eps}).front();
  if (options.eps) settings.eps = *options.eps;
  if (!(settings.eps > 0 && settings.eps < 1))
    throw cardan::Error{fmt::format("--eps = {} (must be above 0 and below 1)", settings.eps)};
  settings.rate_eps = bounds(table, "rate_eps", {1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6});
  settings.rate_latents = table.get<std::vector<std::int64_t>>("rate_latents", {});
  for (const auto latent : settings.rate_latents)
    if (latent < 1) throw table.error("rate_latents", "must be positive");
  settings.bound_eps = bounds(table, "bound_eps", {1e-9, 1e-12});
  // A size that suits the plane does not suit space.
  const std::size_t dimensions = settings.system.name == "gray-scott-3d" ? 3 : 2;
  settings.block = table.get<std::vector<std::int64_t>>("block", {dimensions == 3 ? 4 : 8});
  if (!options.block.empty()) settings.block = options.block;
  if (settings.block.size() == 1) settings.block.resize(dimensions, settings.block.front());
  if (settings.block.size() != dimensions ||
      std::any_of(settings.block.begin(), settings.block.end(),
                  [](std::int64_t edge) { return edge < 1; }))
    throw cardan::Error{fmt::format("block = {} (must be one positive number, or {} of them)",
                                    fmt::join(settings.block, " "), dimensions)};
  settings.latent = options.latent;
  if (settings.latent && *settings.latent < 1)
    throw cardan::Error{fmt::format("--latent = {} (must be at least 1)", *settings.latent)};
}

}  // namespace

const std::vector<std::string>& known_encoders()
{
  static const std::vector<std::string> names{"none", "svd", "linear", "conv"};
  return names;
}

double range_of(const std::string& system)
{
  return system == "taylor-green" ? 2 : 1;
}

void ask_settings(const cardan::Config& table)
{
  for (const char* key : keys) table.ask(key);
}

Settings read_settings(const Options& options)
{
  one_of("--report", options.report, reports);
  const auto run_file = cardan::Config::from_file(options.command.run_file);
  const auto table = run_file.table("reduce");
  Settings settings;
  settings.system = read_system(table, options);
  const auto seed =
      options.command.seed.value_or(run_file.table("run").get<std::int64_t>("seed", 1));
  settings.system.seed = static_cast<std::uint64_t>(seed);
  settings.warmup = table.get<std::int64_t>("warmup", settings.warmup);
  if (settings.warmup < 0) throw table.error("warmup", "must not be negative");
  settings.steps = positive(table, "steps", options.steps, settings.steps);
  settings.stride = positive(table, "stride", options.stride, settings.stride);
  if (settings.stride > settings.steps)
    throw cardan::Error{fmt::format("--stride = {} (must be at most the {} steps)", settings.stride,
                                    settings.steps)};
  settings.puts = positive(table, "puts", settings.puts);
  settings.interval = positive(table, "interval", settings.interval);
  settings.lessons = positive(table, "lessons", settings.lessons);
  settings.lesson_stride = positive(table, "lesson_stride", settings.lesson_stride);
  settings.repetitions = positive(table, "repetitions", settings.repetitions);
  settings.drift_puts = positive(table, "drift_puts", settings.drift_puts);
  settings.drift_stride = positive(table, "drift_stride", settings.drift_stride);
  read_reductions(table, options, settings);
  settings.drift_eps = bounds(table, "drift_eps", {settings.drift_eps}).front();
  if (options.eps) settings.drift_eps = settings.eps;
  ask_settings(table);
  table.reject_unknown();
  return settings;
}

void add_options(CLI::App& app, Options& options)
{
  miniapp::add_shared_options(app, options.command);
  app.add_option("--report", options.report,
                 "rate (bits against error), bound (each number compared with the true one), cost "
                 "(seconds beside the solver's), drift (parameters change half way); default: all");
  app.add_option("--system", options.system, "gray-scott, gray-scott-3d or taylor-green");
  app.add_option("--size", options.size, "Cells along an edge");
  app.add_option("--encoder", options.encoder, "none, svd, linear or conv");
  app.add_option("--eps", options.eps,
                 "The most that a number may change, in units of the fields' range");
  app.add_option("--block", options.block, "Edges of a block: one number, or one per dimension");
  app.add_option("--latent", options.latent, "Numbers that an encoder makes of a block");
  app.add_option("--stride", options.stride, "Steps of the solver between two puts");
  app.add_option("--steps", options.steps, "Steps of the solver that are reduced");
  app.add_flag("--no-pictures", options.no_pictures, "Do not draw PNG files at the end");
}

}  // namespace reduce
