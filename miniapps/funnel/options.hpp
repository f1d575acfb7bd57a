/// What is to be run: the run file's [funnel], and what the command line puts in its place.
#pragma once

#include "homogenise.hpp"
#include "library.hpp"

#include "support/command.hpp"

#include <cardan/config.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace funnel {

/// The command line as it was given.
struct Options {
  miniapp::Command command;
  std::string report = "default";
  std::optional<std::int64_t> candidates;
  std::optional<double> contrast;
  std::vector<double> fraction;
  std::optional<double> solves;
  std::optional<std::int64_t> seeds;
  std::string truth;
  bool no_resplit = false;
  bool no_pictures = false;
};

/// Declares the options of the miniapp, shared ones included.
void add_options(CLI::App& app, Options& options);

/// What follows from the run file and the command line; the same on all ranks.
struct Settings {
  LibrarySettings library;
  Phases phases;
  std::int64_t candidates = 3000;
  /// Share of the candidates that are looked for, and share of them that is solved finely.
  double top = 0.01;
  double solves = 0.08;
  /// The first seed, and how many there are.
  std::int64_t seed = 1;
  std::int64_t seeds = 1;
  /// Ranks stay with their stages.
  bool fixed = false;
  /// A folder in which true labels are kept; empty: none.
  std::string truth;
};

/// Reads [funnel]; throws cardan::Error with file and line, or naming the option.
Settings read_settings(const Options& options);
/// Declares the keys of [funnel] known to a session.
void ask_settings(const cardan::Config& table);

}  // namespace funnel
