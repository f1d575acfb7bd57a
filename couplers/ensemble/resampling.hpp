/// Weighted ensembles: more members for rare states, without a bias of averages.
#pragma once

#include "support/splitmix.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace cardan::ensemble {

/// A grid over the first coordinates of a space; what lies outside belongs to the bin at the edge.
struct Bins {
  std::vector<std::int64_t> counts;
  std::vector<double> lower;
  std::vector<double> upper;

  [[nodiscard]] std::size_t of(std::span<const double> point) const;
};

/// A member as it is: its statistical weight (positive) and where it is.
struct Walker {
  double weight = 0;
  std::size_t bin = 0;
};
/// What becomes of a member: it goes on from the state of walker `parent` (its own number: it stays
/// where it is).
struct Descendant {
  std::size_t parent = 0;
  double weight = 0;
};

/// As many as there were, dealt evenly to the bins that have any: in a bin with too few the
/// heaviest is split in two halves, in one with too many the two lightest become one, which is
/// either by its share of their weight (Huber and Kim, "Weighted-ensemble Brownian dynamics
/// simulations for protein association reactions", 1996). The sum of weights stays; averages stay
/// what they were in the mean over the random numbers.
std::vector<Descendant> resample(std::span<const Walker> walkers, Random& random);

}  // namespace cardan::ensemble
