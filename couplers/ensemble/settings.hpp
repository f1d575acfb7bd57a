/// What a run file says of an ensemble: `[ensemble.NAME]`.
#pragma once

#include <cardan/config.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace cardan::ensemble {

/// What decisions are for: to send members where the others have not been (`novelty`, or `random`
/// frames to compare with), to keep unbiased averages while rare states get more members
/// (`resample`), to minimise together (`swarm`), or nothing (`none`: every member goes on).
enum class Mode { novelty, random, resample, swarm, none };
/// Where distances between frames are taken.
enum class Space { descriptor, latent };
/// Whether distances are of the coordinates as they are, or each in units of its deviation over the
/// window.
enum class Scale { none, deviation };
/// How novel a frame is: distance to its k-th neighbour, local outlier factor, inverse density by a
/// kernel, spread of an ensemble of models, or error of the reconstruction.
enum class Score { nearest, lof, density, spread, error };

struct RetrainSettings {
  /// New frames after which the model is trained further; frames before the first time.
  std::int64_t every = 256;
  std::int64_t warmup = 256;
  /// Optimiser steps each time, and the first time; samples of each.
  std::int64_t steps = 50;
  std::int64_t first = 500;
  std::int64_t batch = 64;
  /// Of those steps, how many are taken at once where members do not wait: reports wait meanwhile.
  std::int64_t slice = 2;
};

struct ResampleSettings {
  /// Bins along the first coordinates of the space; the members are dealt evenly to those that have
  /// any.
  std::vector<std::int64_t> bins = {10};
  /// Their ends; empty: those of the window's frames.
  std::vector<double> lower;
  std::vector<double> upper;
};

struct SwarmSettings {
  /// Two minima are one where their objectives differ by less.
  double tolerance = 1e-4;
  /// And their descriptors are nearer than this; 0: descriptors do not count.
  double distance = 0;
  /// Segments without a new best of its own after which a member is sent elsewhere.
  std::int64_t patience = 20;
  /// Minima of the archive are chosen by exp(-(objective - lowest) / temperature), divided by how
  /// often they were; and the share of restarts that begin anew instead.
  double temperature = 1;
  double fresh = 0.25;
  /// Minima that are kept.
  std::int64_t archive = 1000;
};

struct EnsembleSettings {
  std::string name;
  int members = 8;
  int ranks_per_member = 1;
  /// All members wait for the decisions of a round.
  bool barrier = false;
  /// Where the ML rank is behind: frames wait, or are dropped and counted.
  bool wait_when_full = true;
  /// Seconds that a member waits for a decision with `barrier = true`; then it goes on.
  double deadline = 10;
  /// Decisions older than so many segments are late: dropped, or applied all the same.
  std::int64_t max_age = 1000;
  bool apply_late = false;
  Mode mode = Mode::novelty;
  /// Frames of all members that are kept and judged.
  std::int64_t window = 2000;
  /// Share of the members that a round restarts at most; of each round, or each `every` segments of
  /// all members.
  double restarts = 0.5;
  std::int64_t every = 1;
  Space space = Space::descriptor;
  Scale scale = Scale::none;
  Score score = Score::nearest;
  std::int64_t neighbours = 1;
  /// Of the density's kernel, and the distance within which frames count as alike when several are
  /// chosen; 0: of the window's own (see bandwidth_of and spacing_of).
  double bandwidth = 0;
  double spacing = 0;
  /// Restarts from one frame at most; 0: any number.
  std::int64_t reuse = 1;
  /// Segments that a member runs at least before it is restarted again.
  std::int64_t grace = 1;
  /// Whether a member that came to its own end is restarted from a novel frame.
  bool revive = true;
  /// Failures of a member after which it is not replaced any more.
  std::int64_t failures = 10;
  /// Steps between a frame and the one that is to be predicted from it; 0: an autoencoder.
  std::int64_t lag = 0;
  bool has_model = false;
  RetrainSettings retrain;
  ResampleSettings resample;
  SwarmSettings swarm;
};

std::vector<std::string> ensemble_names(const Config& run_file);
/// Throws with file and line. The table `model` is left to the module of models.
EnsembleSettings read_ensemble(const Config& run_file, const std::string& name);
/// Declares known what only ML ranks can check.
void leave_to_module(const Config& run_file, const std::string& name);

}  // namespace cardan::ensemble
