/// One plan, carried out: a session in which a pipeline goes through a library.
#pragma once

#include "laboratory.hpp"
#include "plans.hpp"
#include "truth.hpp"

#include <cardan/pipeline.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace funnel {

/// A piece of work on a rank: seconds from the begin of the run, of the slowest rank's.
struct Piece {
  double begin = 0;
  double end = 0;
  int rank = 0;
  /// Of the run file's stages; -1: describing.
  int stage = 0;
};

struct Episode {
  Plan plan;
  int simulation_ranks = 0;
  int ml_ranks = 0;
  std::string ml_library;
  cardan::PipelineReport report;
  /// Of all simulation ranks, by begin.
  std::vector<Piece> pieces;
  Truth truth;
  /// Fine solves, and those whose label was not in its bracket.
  std::int64_t solved = 0;
  std::int64_t outside = 0;
};

/// Collective over MPI_COMM_WORLD, the truth included, which is left out where `known` has it; the
/// result is on its rank 0.
std::optional<Episode> run_episode(const Plan& plan, const Settings& settings,
                                   std::optional<Truth>& known);

}  // namespace funnel
