/// What is to be run: the run file's [federate], and what the command line puts in its place.
#pragma once

#include "support/command.hpp"

#include <cardan/config.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace federate {

/// The command line as it was given.
struct Options {
  miniapp::Command command;
  std::vector<std::string> methods;
  std::optional<std::string> problem;
  std::optional<std::int64_t> rounds;
  std::optional<std::int64_t> local_steps;
  std::optional<double> clip;
  std::optional<double> noise;
  std::optional<std::string> compress;
  bool no_sweep = false;
  bool no_pictures = false;
};

void add_options(CLI::App& app, Options& options);

/// A grid of settings to choose from by the loss over what silos hold out.
struct Sweep {
  std::int64_t rounds = 60;
  std::vector<std::int64_t> steps;
  std::vector<double> rates;
  std::vector<double> mu;
};

/// What follows from the run file and the command line; the same on all ranks.
struct Settings {
  /// "subgrid" or "quadratic".
  std::string problem = "subgrid";
  /// "fedavg", "fedprox", "async", "private", "compressed", "alone", "pooled".
  std::vector<std::string> methods;
  std::int64_t seed = 0;
  std::int64_t rounds = 300;
  /// Empty where nothing is to be chosen.
  std::optional<Sweep> sweep;
  /// Of the comparison, where nothing was chosen.
  std::int64_t local_steps = 20;
  std::int64_t batch = 64;
  double rate = 3e-3;
  double mu = 0.01;
  std::optional<double> clip;
  std::optional<double> noise;
  std::optional<std::string> compress;
};

/// Reads [federate]; throws cardan::Error with file and line, or naming the option.
Settings read_settings(const Options& options);
/// Declares the keys of [federate] known to a session.
void ask_settings(const cardan::Config& table);

const std::vector<std::string>& known_methods();

}  // namespace federate
