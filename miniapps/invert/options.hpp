/// What is to be run: the run file's [invert], and what the command line puts in its place.
#pragma once

#include "benchmark.hpp"

#include "support/command.hpp"

#include <cardan/config.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace invert {

/// The command line as it was given.
struct Options {
  miniapp::Command command;
  std::string mode = "posterior";
  std::vector<std::string> methods;
  bool wrong_surrogate = false;
  std::optional<std::string> data;
  std::optional<std::string> wanted;
  std::optional<std::int64_t> chains;
  std::optional<std::int64_t> steps;
  std::optional<std::int64_t> warmup;
  bool check = false;
  bool no_pictures = false;
};

/// Declares the options of the miniapp, shared ones included.
void add_options(CLI::App& app, Options& options);

/// What follows from the run file and the command line; the same on all ranks.
struct Settings {
  /// "posterior" or "design".
  std::string mode = "posterior";
  /// "published" or "regenerated".
  std::string data = "published";
  Prior prior;
  /// A block is identifiable where its posterior deviation is below this share of its prior one.
  double identifiable = 1.0 / 3;
  std::vector<std::string> methods;
  /// Of a design: the field that is wanted, and the deviation that it is wanted within.
  std::string wanted = "plateau";
  double tolerance = 0.02;
  std::int64_t seed = 1;
  /// What takes the place of keys of the chains.
  std::optional<std::int64_t> chains;
  std::optional<std::int64_t> steps;
  std::optional<std::int64_t> warmup;
};

/// Reads [invert]; throws cardan::Error with file and line, or naming the option.
Settings read_settings(const Options& options);
/// Declares the keys of [invert] known to a session.
void ask_settings(const cardan::Config& table);

/// Names of methods, in the order of tables and pictures; each has a table [inverse.NAME].
const std::vector<std::string>& known_methods();

}  // namespace invert
