/// The nearest neighbours of all points of a ring, kept as points come and go.
#pragma once

#include "couplers/ensemble/points.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace cardan::ensemble {

struct Neighbour {
  double distance = 0;
  std::uint32_t slot = 0;
};

/// A new point costs its distances to all others, and those of each point that the one it replaces
/// was a neighbour of: about k.
class Neighbours {
 public:
  Neighbours(std::size_t capacity, std::size_t k);

  /// The point in this slot is new, or another one than before.
  void changed(const Points& points, std::size_t slot);
  /// All are.
  void rebuild(const Points& points);
  /// Nearest first; k of them, or all others where they are fewer.
  [[nodiscard]] std::span<const Neighbour> of(std::size_t slot) const
  {
    return {&lists_[slot * k_], counts_[slot]};
  }
  /// The distance to the last of them; 0 where there is none.
  [[nodiscard]] double reach(std::size_t slot) const
  {
    return counts_[slot] == 0 ? 0 : of(slot).back().distance;
  }

 private:
  void find(const Points& points, std::size_t slot);
  void insert(std::size_t slot, Neighbour neighbour);

  std::size_t k_;
  /// Points that have lists.
  std::size_t known_ = 0;
  std::vector<Neighbour> lists_;
  std::vector<std::size_t> counts_;
  std::vector<double> squares_;
};

}  // namespace cardan::ensemble
