#include "options.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace funnel {

namespace {

constexpr const char* keys[] = {"size",  "contrast", "fraction", "length",
                                "ratio", "top",      "solves",   "seeds"};

const std::vector<std::string> reports{"default", "resplit", "seeds"};

/// A number of the run file or of the command line that is to be in (low, high].
double within(const cardan::Config& table, const char* key, const std::optional<double>& given,
              double usual, double low, double high)
{
  const auto value = table.get<double>(key, usual);
  const auto fits = [&](double number) { return number > low && number <= high; };
  const std::string reason = high < 1e300
                                 ? fmt::format("must be above {:g} and at most {:g}", low, high)
                                 : fmt::format("must be above {:g}", low);
  if (!fits(value)) throw table.error(key, reason);
  if (given && !fits(*given))
    throw cardan::Error{fmt::format("--{} = {:g} ({})", key, *given, reason)};
  return given.value_or(value);
}

std::int64_t whole(const cardan::Config& table, const char* key,
                   const std::optional<std::int64_t>& given, std::int64_t usual, std::int64_t least)
{
  const auto value = table.get<std::int64_t>(key, usual);
  const std::string reason = fmt::format("must be at least {}", least);
  if (value < least) throw table.error(key, reason);
  if (given && *given < least)
    throw cardan::Error{fmt::format("--{} = {} ({})", key, *given, reason)};
  return given.value_or(value);
}

std::vector<double> pair(const cardan::Config& table, const char* key, double low, double high)
{
  auto values = table.get<std::vector<double>>(key, {low, high});
  if (values.size() != 2) throw table.error(key, "must be the least and the largest of a range");
  return values;
}

void read_library(const cardan::Config& table, const Options& options, Settings& settings)
{
  LibrarySettings& library = settings.library;
  library.size = static_cast<int>(whole(table, "size", std::nullopt, library.size, 32));
  if (library.size % 32 != 0 || library.size > 1024)
    throw table.error("size", "must be a multiple of 32 and at most 1024");
  auto fraction = pair(table, "fraction", library.least_fraction, library.most_fraction);
  if (!options.fraction.empty()) fraction = options.fraction;
  library.least_fraction = fraction[0];
  library.most_fraction = fraction[1];
  const auto length = pair(table, "length", library.least_length, library.most_length);
  library.least_length = length[0];
  library.most_length = length[1];
  library.most_ratio = table.get<double>("ratio", library.most_ratio);
  library.seed = static_cast<std::uint64_t>(settings.seed);
  try {
    static_cast<void>(Library{library});
  } catch (const std::invalid_argument& problem) {
    throw cardan::Error{fmt::format("{}: [funnel]", options.command.run_file), problem.what()};
  }
  settings.phases.better =
      settings.phases.worse * within(table, "contrast", options.contrast, 100, 1, 1e8);
}

}  // namespace

void ask_settings(const cardan::Config& table)
{
  for (const char* key : keys) table.ask(key);
}

Settings read_settings(const Options& options)
{
  if (std::find(reports.begin(), reports.end(), options.report) == reports.end()) {
    const std::string near = cardan::nearest(options.report, reports);
    throw cardan::Error{"--report " + options.report,
                        fmt::format("known: {}", fmt::join(reports, ", ")),
                        near.empty() ? "" : "Did you mean '" + near + "'?"};
  }
  const auto run_file = cardan::Config::from_file(options.command.run_file);
  const auto table = run_file.table("funnel");
  Settings settings;
  settings.seed =
      options.command.seed.value_or(run_file.table("run").get<std::int64_t>("seed", settings.seed));
  settings.seeds = whole(table, "seeds", options.seeds, settings.seeds, 1);
  if (options.report == "seeds" && !options.seeds) settings.seeds = 5;
  read_library(table, options, settings);
  settings.top = within(table, "top", std::nullopt, settings.top, 0, 1);
  settings.solves = within(table, "solves", options.solves, settings.solves, 0, 1);
  const auto pipeline = run_file.table("pipeline").table("library");
  settings.candidates = whole(pipeline, "candidates", options.candidates, settings.candidates, 1);
  settings.fixed = options.no_resplit;
  settings.truth = options.truth;
  ask_settings(table);
  table.reject_unknown();
  return settings;
}

void add_options(CLI::App& app, Options& options)
{
  miniapp::add_shared_options(app, options.command);
  app.add_option(
      "--report", options.report,
      "default (one seed), seeds (five), resplit (each seed with ranks that move between "
      "stages, and with ranks that stay)");
  app.add_option("--candidates", options.candidates, "Microstructures in the library");
  app.add_option("--contrast", options.contrast,
                 "Conductivity of the better phase over the other's");
  app.add_option("--fraction", options.fraction, "Least and largest share of the better phase")
      ->expected(2);
  app.add_option("--solves", options.solves, "Share of the candidates that is solved finely");
  app.add_option("--seeds", options.seeds, "Libraries, from --seed on");
  app.add_option("--truth", options.truth,
                 "A folder in which the labels of whole libraries are kept for later runs");
  app.add_flag("--no-resplit", options.no_resplit,
               "Ranks stay with the stages that they begin with");
  app.add_flag("--no-pictures", options.no_pictures, "Do not draw PNG files at the end");
}

}  // namespace funnel
