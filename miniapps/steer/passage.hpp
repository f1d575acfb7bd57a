/// First passages in the potential of Müller and Brown: from the minimum A to a disc around B.
#pragma once

#include "estimate.hpp"

#include <cstdint>

namespace steer {

/// Radius of the disc.
inline constexpr double disc = 0.2;

/// The mean from kT (g'' - V' g' / kT) = -1, g = 0 on the disc, by finite volumes with exponential
/// fitting (Scharfetter and Gummel 1969) and conjugate gradients; three digits. Takes seconds.
double mean_first_passage(double kT);

/// Of so many simulated walks. What a step may have crossed in between counts, by the probability
/// of a Brownian bridge, as otherwise the disc would seem smaller by 0.6 sqrt(2 kT dt).
Estimate sample_first_passage(double kT, double dt, std::int64_t walks, std::uint64_t seed);

}  // namespace steer
