/// One plan, carried out: a session in which a system runs and is reduced.
#pragma once

#include "judge.hpp"
#include "laboratory.hpp"
#include "plan.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace reduce {

/// Of all simulation ranks; each list has one number for each measured put.
struct Episode {
  Plan plan;
  int simulation_ranks = 0;
  int ml_ranks = 0;
  std::string ml_library;
  /// Numbers of one put.
  std::int64_t numbers = 0;
  /// Bytes: as the simulation holds them, as they moved, and of those the latents and residuals.
  std::vector<double> raw;
  std::vector<double> moved;
  std::vector<double> latent;
  std::vector<double> residual;
  /// Seconds of the slowest rank: of the solver since the put before, and in the put; of the
  /// latter, waiting for room.
  std::vector<double> solving;
  std::vector<double> putting;
  std::vector<double> waiting;
  /// Seconds that fitting took, or waiting for a trained encoder.
  double learning = 0;
  /// Encoders taken over in the measured puts; the largest |x - x'|, and over its bound.
  std::int64_t encoders = 0;
  std::int64_t exceptions = 0;
  double max_error = 0;
  double max_error_over_bound = 0;
  /// What the judges say, where there were any.
  Tally judged;
  /// The last fields of all ranks: component, z, y, x.
  Cells cells{};
  std::vector<double> fields;

  [[nodiscard]] double raw_bytes() const;
  [[nodiscard]] double moved_bytes() const;
  [[nodiscard]] double ratio() const { return raw_bytes() / moved_bytes(); }
  /// Bits that moved for each number, and the share of latents in what moved.
  [[nodiscard]] double bits() const { return 64 / ratio(); }
  [[nodiscard]] double latent_share() const;
};

/// What all episodes of a program share.
struct Bench {
  /// Of the simulation ranks together, and of each ML rank alone.
  Laboratory* simulated = nullptr;
  Laboratory* judged = nullptr;
  /// Whether ML ranks are this program too: only then can they judge.
  bool alone = true;
};

/// Collective over MPI_COMM_WORLD; the result is on its rank 0.
std::optional<Episode> run_episode(const Plan& plan, const Bench& bench);

}  // namespace reduce
