/// What is to be run: the run file's [steer], and what the command line puts in its place.
#pragma once

#include "system.hpp"

#include "support/command.hpp"

#include <cardan/config.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace steer {

/// The command line as it was given.
struct Options {
  miniapp::Command command;
  std::vector<std::string> methods;
  bool compare = false;
  bool no_ml = false;
  std::string report;
  bool check = false;
  std::optional<std::string> system;
  std::optional<std::string> target;
  std::optional<std::string> engine;
  std::optional<double> temperature;
  std::optional<std::int64_t> nuisance;
  std::optional<double> segment;
  std::optional<double> budget;
  std::optional<double> seconds;
  std::optional<int> members;
  std::optional<int> seeds;
  bool barrier = false;
  bool async = false;
  double pace = 0;
  double uneven = 1;
  bool no_pictures = false;
};

/// Declares the options of the miniapp, shared ones included.
void add_options(CLI::App& app, Options& options);

/// What follows from the run file and the command line; the same on all ranks.
struct Settings {
  SystemSettings system;
  /// Names of methods: "novelty", "knn", "random", "independent", "resample", "swarm".
  std::vector<std::string> methods;
  std::vector<std::int64_t> seeds;
  /// Simulated time of a segment; and of all members together after which a run is censored.
  double segment = 2;
  double budget = 5e4;
  /// Seconds that a run of `--report async` or `latency` has.
  double seconds = 10;
  /// Seconds that the first member's segments take besides, and how many times that the last
  /// member's do.
  double pace = 0;
  double uneven = 1;
  /// Hops of a segment of swarm mode.
  std::int64_t hops = 10;
  /// Of `--report temperature`; and the height of the barrier between the states, in units of the
  /// energy.
  std::vector<double> temperatures;
  double barrier_height = 0;
  /// What takes the place of keys of the ensembles' tables.
  std::optional<int> members;
  std::optional<bool> barrier;
};

/// Reads [steer]; throws cardan::Error with file and line, or naming the option.
Settings read_settings(const Options& options);
/// Declares the keys of [steer] known to a session.
void ask_settings(const cardan::Config& table);

/// Names of the methods that can be compared, in the order of tables and pictures.
const std::vector<std::string>& known_methods();
/// The ensemble's table that a method is described in.
std::string table_of(const std::string& method);

}  // namespace steer
