/// How a chain's numbers hang together over time.
#pragma once

#include <span>
#include <vector>

namespace cardan::inverse {

/// Of numbers whose mean is 0, at each lag from 0: sums of products over their count. By fast
/// Fourier transforms of twice the length, so that long chains cost little more than short ones.
std::vector<double> autocovariances(std::span<const double> centred);

}  // namespace cardan::inverse
