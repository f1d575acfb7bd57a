/// A stream whose distribution moves: samples of a smooth map from a region that travels.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

namespace bench {

/// R^4 to R^2. The region's centre goes along a curve that does not come back to where it was; what
/// is learned of its beginning is of no use at its end.
struct Drift {
  static constexpr std::int64_t in = 4;
  static constexpr std::int64_t out = 2;
  /// Appends one sample of time `t` (0 ... 1).
  static void draw(double t, std::mt19937_64& random, std::vector<double>& x,
                   std::vector<double>& y);
};

}  // namespace bench
