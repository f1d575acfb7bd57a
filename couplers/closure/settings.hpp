/// What a run file says of a surrogate: `[surrogate.NAME]` and `[training.NAME]`.
#pragma once

#include "couplers/closure/buffer.hpp"
#include "couplers/closure/recorded.hpp"

#include <cardan/config.hpp>
#include <cardan/model.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace cardan::closure {

/// `trust = { gate = "ensemble", tolerance = 1e-3, range = [0, 1], coverage = 0.99 }`
struct TrustSettings {
  /// Where the estimate of an answer's error comes from: the members of an ensemble, a Gaussian
  /// head, or nowhere.
  enum class Gate { ensemble, gaussian, none };
  Gate gate = Gate::ensemble;
  /// The largest error that may be trusted, in the outputs' units; one value, or one for each
  /// output.
  std::vector<double> tolerance;
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  /// The share of trusted samples whose error is within the tolerance, as measured on samples held
  /// out of training.
  double coverage = 0.99;
  /// The share of held-out samples that counts as near to what was learned; 0: distances are not
  /// looked at.
  double novelty = 0;
};

/// What happens to samples that were not answered in time.
enum class Late { solver, wait, last };
/// What happens where the simulation hands over a not-a-number.
enum class NotANumber { stop, solver };

/// Where the model is evaluated: on ML ranks, or in the simulation's own process.
enum class Place { ml, inside };

/// `grid = { tile = [32, 32], halo = 4, periodic = true }`: fields have boxes, and samples are
/// tiles of the global array.
struct GridSettings {
  /// Cells of a tile in each dimension; empty: the whole array is one tile.
  std::vector<std::int64_t> tile;
  /// Cells around a tile that a sample has beside it.
  std::int64_t halo = 0;
  /// Whether the halo wraps around at the domain's edge, or repeats the edge's value.
  bool periodic = false;
};

inline constexpr std::size_t most_grid_dimensions = 2;

struct SurrogateSettings {
  std::string name;
  Place place = Place::ml;
  /// The ML ranks that work for it, counted from 0; empty: all of them.
  std::vector<std::int64_t> ranks;
  /// Whether it is trained in the run: a model from a file only where the run file says how.
  bool trained = true;
  /// How many of its ML ranks train; 0: as in the session.
  int training_ranks = 0;
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  /// Only where fields have boxes.
  std::optional<GridSettings> grid;
  TrustSettings trust;
  Late late = Late::solver;
  NotANumber not_a_number = NotANumber::stop;
  double deadline = 1;
};

struct TrainingSettings {
  std::int64_t batch = 256;
  BufferSettings buffer;
  /// A finished run's samples, to be learned from first.
  std::optional<RecordedSettings> offline;
  /// The share of samples that is kept for validation.
  double validation = 0.1;
  /// Samples that all training ranks together wait for before they begin.
  std::int64_t warmup = 512;
  /// How often, on average, a sample that arrived is trained on; then training rests until more
  /// arrive.
  double passes = 100;
  /// Samples that settle the weights at a publication (see Learner::settling_sums).
  std::int64_t settling = 12000;
  /// Optimiser steps between publications, and new samples between those of models that are not
  /// trained by steps.
  std::int64_t publish_every = 50;
  std::int64_t publish_samples = 1000;
  /// Publications without an improvement of the validation loss (by a share `least_improvement`)
  /// after which training stops; 0: never.
  std::int64_t patience = 0;
  double least_improvement = 0;
  /// Where the trained model is written when training ends; empty: nowhere.
  std::string save;
};

/// The names of all surrogates in a run file.
std::vector<std::string> surrogate_names(const Config& run_file);
/// Throws with file and line. Tables that belong to the model's module are left to it.
SurrogateSettings read_surrogate(const Config& run_file, const std::string& name);
TrainingSettings read_training(const Config& run_file, const std::string& name);
/// Declares known what only the model's module can check: for ranks that do not load it.
void leave_to_module(const Config& run_file, const std::string& name);

}  // namespace cardan::closure
