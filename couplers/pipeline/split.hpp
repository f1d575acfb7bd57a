/// Which ranks work for which stage: where they begin, and when one moves.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace cardan::pipeline {

/// Stages that a rank works for where it stays: the last of them that has work comes first.
struct Cover {
  int first = 0;
  int last = 0;
};

/// `wanted`: ranks of each stage; 0: as many as the others. Every stage has a rank, where there are
/// enough; otherwise a rank covers several, one behind the other.
std::vector<Cover> first_split(std::span<const int> wanted, int ranks);

/// What a stage has to do.
struct Demand {
  /// Candidates that it could take now: they wait, and there is room behind it.
  std::int64_t doable = 0;
  /// Seconds of work that a candidate takes; candidates that come here of one that comes at all.
  double cost = 0;
  double visits = 1;
  /// Shares by which the queues before and behind it are filled.
  double before = 0;
  double behind = 0.5;
  int ranks = 0;
};

/// How many ranks it deserves, in proportion: work for each candidate of the library, more where
/// the queue before it is full and the one behind it is empty. 0 where there is nothing to do.
double weight_of(const Demand& demand);

/// The stage that one more rank helps most: the largest weight by rank, counting the one that comes
/// (d'Hondt); -1: none has work.
int neediest(std::span<const Demand> demands);

/// Where a rank that has work should go: to the neediest stage, where its weight by rank exceeds
/// that of the stage left by `margin`; -1: it stays.
int better(std::span<const Demand> demands, int from, double margin);

}  // namespace cardan::pipeline
