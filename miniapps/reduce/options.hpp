/// What is to be run: the run file's [reduce], and what the command line puts in its place.
#pragma once

#include "system.hpp"

#include "support/command.hpp"

#include <cardan/config.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace reduce {

/// The command line as it was given.
struct Options {
  miniapp::Command command;
  std::string report = "default";
  std::optional<std::string> system;
  std::optional<std::string> encoder;
  std::optional<std::int64_t> size;
  std::optional<double> eps;
  std::vector<std::int64_t> block;
  std::optional<std::int64_t> latent;
  std::optional<std::int64_t> stride;
  std::optional<std::int64_t> steps;
  bool no_pictures = false;
};

/// Declares the options of the miniapp, shared ones included.
void add_options(CLI::App& app, Options& options);

/// What follows from the run file and the command line; the same on all ranks.
struct Settings {
  SystemSettings system;
  /// Steps before anything is reduced, steps that are, and those between two puts.
  std::int64_t warmup = 5000;
  std::int64_t steps = 5000;
  std::int64_t stride = 500;
  /// The default encoder and bound, in units of the range; and all that are compared.
  std::string encoder = "svd";
  double eps = 1e-3;
  std::vector<std::string> encoders;
  std::vector<double> rate_eps;
  /// Latents of "svd" by bound in `rate`: more of them pay where the bound is small.
  std::vector<std::int64_t> rate_latents;
  std::vector<double> bound_eps;
  /// Of `rate` and `bound`: puts that are measured, and steps between them.
  std::int64_t puts = 5;
  std::int64_t interval = 50;
  /// Puts and steps between them that learned encoders are trained from.
  std::int64_t lessons = 6;
  std::int64_t lesson_stride = 100;
  int repetitions = 3;
  /// Of `drift`: the bound, puts before and after the change, and steps between them.
  double drift_eps = 1e-2;
  std::int64_t drift_puts = 30;
  std::int64_t drift_stride = 200;
  /// Edges of a block, by dimension.
  std::vector<std::int64_t> block;
  /// What takes the place of the reductions' own.
  std::optional<std::int64_t> latent;
};

/// Reads [reduce]; throws cardan::Error with file and line, or naming the option.
Settings read_settings(const Options& options);
/// Declares the keys of [reduce] known to a session.
void ask_settings(const cardan::Config& table);

const std::vector<std::string>& known_encoders();
/// What the bounds are relative to: the largest possible number of a field less its least one. Of
/// concentrations 1; of velocities 2.
double range_of(const std::string& system);

}  // namespace reduce
