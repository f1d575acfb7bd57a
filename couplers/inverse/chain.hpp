/// One Markov chain: where it is, what it proposes, what it has made.
#pragma once

#include "couplers/inverse/random.hpp"
#include "couplers/inverse/walk.hpp"

#include <cstdint>
#include <vector>

namespace cardan::inverse {

struct Chain {
  Chain(int chain, std::uint64_t seed)
      : number(chain), random(seed, static_cast<std::uint64_t>(chain))
  {}

  enum class State {
    /// It can begin a step.
    ready,
    /// It walks by the surrogate.
    inner,
    /// Its proposal has to be solved, and is.
    wants,
    asked,
    /// It has made its steps of this part.
    paused
  };
  int number;
  Random random;
  State state = State::paused;
  /// What is solved next is where it begins.
  bool begins = true;
  Point at;
  Point proposal;
  /// Where a step by the surrogate would lead from `proposal`.
  Point candidate;
  /// By the surrogate of now: of `at` and of `proposal`.
  double surrogate_at = 0;
  double surrogate_proposal = 0;
  /// Whether the surrogate led to the proposal; its steps that are left, and whether one of them
  /// moved.
  bool by_surrogate = false;
  std::int64_t left = 0;
  bool moved = false;
  /// What the surrogate predicts at the proposal; solves at that time since it was trained.
  std::vector<double> predicted;
  std::int64_t age = 0;
  /// Logarithms of step lengths, without and with the surrogate, and how often they were tuned.
  double log_step = 0;
  double inner_log_step = 0;
  std::int64_t tuned = 0;
  std::int64_t inner_tuned = 0;
  /// Steps of this part of the run that are left; kept ones so far.
  std::int64_t to_make = 0;
  std::int64_t steps = 0;

  /// Solves of this part of the warm-up: parameters and predictions, row by row.
  std::vector<double> solved_thetas;
  std::vector<double> solved_predictions;
  /// Kept steps, row by row.
  std::vector<double> thetas;
  std::vector<double> log_likelihoods;
  std::vector<double> log_priors;
};

/// Decisions by exact solves, of all chains, one after the other.
struct Decisions {
  std::vector<std::int64_t> chain;
  std::vector<std::int64_t> step;
  std::vector<std::int64_t> version;
  std::vector<std::int64_t> age;
  std::vector<std::int64_t> accepted;
  std::int64_t left_out = 0;
};

}  // namespace cardan::inverse
