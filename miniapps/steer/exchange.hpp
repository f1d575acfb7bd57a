/// Replica exchange: equilibrium of LJ7 where a trajectory at one temperature takes too long.
#pragma once

#include "estimate.hpp"

#include <array>
#include <cstdint>
#include <vector>

namespace steer {

/// Shares of the four isomers of LJ7, each with its standard error.
using Populations = std::array<Estimate, 4>;

/// At each of the temperatures, which ascend: a trajectory for each, neighbours exchanged every
/// half time unit by Metropolis (Sugita and Okamoto, Chem. Phys. Lett. 314, 141, 1999), for `time`
/// units each; the first twentieth is left out, the others are the blocks.
std::vector<Populations> exchanged_populations(const std::vector<double>& temperatures, double time,
                                               std::uint64_t seed);

}  // namespace steer
