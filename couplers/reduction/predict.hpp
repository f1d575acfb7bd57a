/// What neighbours say of a number: differences of whole numbers along the axes of a grid, and
/// back. Modulo 2^64, so they are exact whatever the numbers are.
#pragma once

#include <array>
#include <cstdint>

namespace cardan::reduction {

/// `slabs` grids of these extents one behind the other; none knows of the others but that a slab's
/// first number is told from that of the slab `apart` before it (0: it is not).
struct Slabs {
  std::int64_t slabs = 1;
  std::array<std::int64_t, 3> extents{1, 1, 1};
  std::int64_t apart = 0;
};

/// `order` differences along every axis that has more than one number (1: what Lorenzo's predictor
/// leaves; Ibarria et al., 2003), in place.
void difference(std::int64_t* numbers, const Slabs& slabs, int order);
void accumulate(std::int64_t* numbers, const Slabs& slabs, int order);

}  // namespace cardan::reduction
