/// What an experiment leaves behind.
#pragma once

#include "experiment.hpp"
#include "options.hpp"

#include <cardan/archive.hpp>

#include <optional>
#include <string>
#include <vector>

namespace federate {

struct Results {
  Settings settings;
  std::vector<std::string> regimes;
  int silos = 0;
  /// To choose settings by, and what was compared.
  std::vector<Outcome> swept;
  std::vector<Outcome> compared;
  /// Of linear regression: where averaging must end, and the minimum of the loss of all data.
  std::optional<Line> fixed_point;
  std::optional<Line> pooled;
  double wall_seconds = 0;
};

/// Writes training.log, hyperparameters.json, metrics.json, federate.h5, summary.json, run.toml and
/// the event files below tensorboard/, and prints a table. On one rank.
void report(const Results& results, const std::string& folder);

std::string summary_text(const Results& results);
std::string metrics_text(const Results& results);
std::string hyperparameters_text(const Results& results);
void write_log(const Results& results, const std::string& path);
void write_archive(const Results& results, const std::string& path);
/// One folder for each silo of a method, and `global`; the names of the files.
std::vector<std::string> write_events(const Results& results, const std::string& folder);
void print_tables(const Results& results);

/// Mean over silos of a column at each round that all have; and the sum.
std::vector<double> mean_of(const Outcome& outcome, const std::string& column);
/// Of the last round: the largest of a silo; empty where it is infinite, or there was no noise.
std::optional<double> epsilon_of(const Outcome& outcome);
/// Bytes of all updates as they moved, and as they would have been.
double moved_bytes(const Outcome& outcome);
double raw_bytes(const Outcome& outcome);
/// Of the errors of all silos' models in all regimes: their mean, and the largest.
double mean_error(const Outcome& outcome);
double worst_error(const Outcome& outcome);

}  // namespace federate
