/// What is to be run: the run file's [adapt], and what the command line puts in its place.
#pragma once

#include "shock_runs.hpp"

#include "support/command.hpp"

#include <cardan/config.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace adapt {

/// The command line as it was given.
struct Options {
  miniapp::Command command;
  std::vector<std::string> tasks;
  std::vector<std::string> methods;
  bool compare = false;
  bool no_ml = false;
  std::optional<int> seeds;
  std::optional<std::int64_t> trials;
  std::optional<std::int64_t> epochs;
  std::optional<std::int64_t> budget;
  std::optional<double> target;
  bool until_target = false;
  std::optional<double> noise;
  std::optional<double> pace;
  std::optional<std::int64_t> first_runs;
  bool no_pictures = false;
};

/// Declares the options of the miniapp, shared ones included.
void add_options(CLI::App& app, Options& options);

/// What follows from the run file and the command line; the same on all ranks.
struct Settings {
  /// "burgers", "branin", "hartmann", "spin".
  std::vector<std::string> tasks;
  /// "asha", "halving", "random", "population".
  std::vector<std::string> methods;
  std::vector<std::int64_t> seeds;
  bool without_ml = false;
  /// What takes the place of keys of the tunings' tables.
  std::optional<std::int64_t> trials;
  std::optional<std::int64_t> epochs;
  std::optional<std::int64_t> budget;
  std::optional<double> target;
  bool until_target = false;
  /// By task: trials of random search and members of a population, where they differ from those of
  /// the task's table.
  std::map<std::string, std::int64_t> random_trials;
  std::map<std::string, std::int64_t> members;
  /// Of the synthetic curves: deviation of their noise, and seconds that an epoch takes.
  double noise = 0;
  double epoch_seconds = 0;
  ShockSettings shocks;
  /// Runs of the solver before the tuning, of those for its validation, and the most at all;
  /// seconds that each takes besides, as if it were computed by a larger solver.
  std::int64_t first_runs = 8;
  std::int64_t held_out_runs = 4;
  std::int64_t most_runs = 64;
  double pace = 0;
};

/// Reads [adapt]; throws cardan::Error with file and line, or naming the option.
Settings read_settings(const Options& options);
/// Declares the keys of [adapt] known to a session.
void ask_settings(const cardan::Config& table);

/// In the order of tables and pictures.
const std::vector<std::string>& known_tasks();
const std::vector<std::string>& known_methods();

}  // namespace adapt
