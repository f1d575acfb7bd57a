/// One plan, carried out: a session in which chains sample the posterior, or a design is looked
/// for.
#pragma once

#include "plans.hpp"

#include <cardan/inverse.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace invert {

/// What one chain left, thinned: as many rows as steps, each of all log stiffnesses.
struct Trace {
  std::vector<double> theta;
  std::vector<double> log_likelihood;
};

struct Episode {
  Plan plan;
  cardan::InverseReport report;
  std::vector<Trace> traces;
  /// Of each block, effective samples of all chains together: small where these do not agree.
  std::vector<double> careful;
  /// Standard errors of the blocks' means, and with how many degrees of freedom: from how the
  /// chains' means scatter where there are at least four, else from `careful`; infinite where
  /// nothing moves.
  std::vector<double> errors;
  double freedom = 0;
  int simulation_ranks = 0;
  int ml_ranks = 0;
  std::string ml_library;
  /// Of a solve by the coarse model, in exact solves; 0 without one.
  double coarse_cost = 0;
  double seconds = 0;

  /// One block's numbers of one chain.
  [[nodiscard]] std::vector<double> series(std::size_t chain, std::size_t block) const;
};

/// Collective over MPI_COMM_WORLD and blocking; the result is on the first simulation rank.
std::optional<Episode> run_episode(const Plan& plan, const Settings& settings);

}  // namespace invert
