/// The strictest receiver: it computes the true fields itself and compares every number.
#pragma once

#include "laboratory.hpp"
#include "plan.hpp"

#include <cardan/reduction.hpp>

#include <mpi.h>

#include <cstdint>

namespace reduce {

/// Of all numbers that receivers got in the measured puts.
struct Tally {
  std::int64_t puts = 0;
  std::int64_t numbers = 0;
  /// Numbers further from the true ones than the bound; reconstructions whose bits are not those of
  /// the sender.
  std::int64_t beyond = 0;
  std::int64_t mismatched = 0;
  double max_error = 0;
  double square_sum = 0;
};

/// Gives the kind "judge" its maker. `laboratory` and `tally` are to outlive the session: the
/// former is stepped on this rank alone, from the prepared state on; the latter is added to.
void register_judge(const Plan& plan, Laboratory& laboratory, Tally& tally);

/// Collective over `comm`: the ranks' tallies, together, on all.
Tally together(MPI_Comm comm, const Tally& tally);

}  // namespace reduce
