/// What is to be run: the run file's [asset], and what the command line puts in its place.
#pragma once

#include "support/command.hpp"

#include <cardan/config.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace twin {

/// The command line as it was given.
struct Options {
  miniapp::Command command;
  std::vector<std::string> methods;
  std::string report;
  bool check = false;
  std::optional<std::string> asset;
  std::optional<std::string> filter;
  std::optional<std::int64_t> members;
  std::optional<double> inflation;
  std::optional<double> radius;
  std::optional<std::int64_t> observed;
  std::optional<std::string> sites;
  std::optional<double> interval;
  std::optional<double> forcing;
  std::optional<std::int64_t> cycles;
  std::optional<std::int64_t> seeds;
  bool realtime = false;
  std::optional<double> rate;
  std::optional<double> jitter;
  std::optional<double> dropout;
  std::optional<double> late;
  std::optional<std::int64_t> late_by;
  std::string regime;
  bool no_pictures = false;
};

/// Declares the options of the miniapp, shared ones included.
void add_options(CLI::App& app, Options& options);

/// A change of the asset's forcing that the twin is not told of.
struct Regime {
  std::int64_t cycle = 0;
  double forcing = 0;
};

/// The asset, how it is observed, and for how long.
struct Problem {
  /// "one_scale" or "two_scale".
  std::string asset = "two_scale";
  std::int64_t variables = 36;
  /// Of "two_scale": fast variables of each slow one, and the coupling h.
  std::int64_t fast = 10;
  double coupling = 1;
  double forcing = 10;
  /// Model time between two cycles, and the deviation of an observation's error.
  double interval = 0.05;
  double noise = 1;
  /// Sites of a cycle; 0: all of them.
  std::int64_t observed = 0;
  std::int64_t cycles = 2000;
  /// Cycles before errors count.
  std::int64_t spin_up = 400;
  std::optional<Regime> regime;
};

/// The coupler's clock and faults, in its keys' places; see docs of `[twin.NAME]`.
struct Clock {
  bool realtime = false;
  /// Cycles a second.
  double rate = 200;
  /// Seconds of jitter; shares of the observations that are dropped, and that come late, by so many
  /// cycles.
  double jitter = 0;
  double dropout = 0;
  double late = 0;
  std::int64_t late_by = 2;
};

/// What follows from the run file and the command line; the same on all ranks.
struct Settings {
  Problem problem;
  Clock clock;
  /// Sites of a cycle where ways to choose them are compared, and `--report sites`.
  std::int64_t fewer = 12;
  std::vector<std::int64_t> numbers_of_sites;
  /// Intervals of `--report network`.
  std::vector<double> intervals;
  /// Of `--report control`: the energy that is steered to.
  double target = 0;
  /// Of `--report regime`, where the command line has none.
  Regime change;
  std::vector<std::string> methods;
  std::vector<std::int64_t> seeds;
  /// What takes the place of keys of filters' options.
  std::optional<std::string> filter;
  std::optional<std::int64_t> members;
  std::optional<double> inflation;
  std::optional<double> radius;
  std::optional<std::string> sites;
};

/// Reads [asset]; throws cardan::Error with file and line, or naming the option.
Settings read_settings(const Options& options);
/// Declares the keys of [asset] known to a session.
void ask_settings(const cardan::Config& table);

/// Names of methods, in the order of tables and pictures.
const std::vector<std::string>& known_methods();
const std::vector<std::string>& known_filters();

}  // namespace twin
