/// The arithmetic of a federation: plain, in float64, on flat weights.
#pragma once

#include "couplers/federation/settings.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace cardan::federation {

/// One silo's change of the weights, and what it counts.
struct Update {
  std::vector<double> change;
  double weight = 0;
};

/// global + sum_i p_i change_i with p_i = weight_i / sum of all weights, added in the updates'
/// order (FedAvg: McMahan, Moore, Ramage, Hampson and Aguera y Arcas 2017). Without weights nothing
/// changes.
void average(std::span<double> global, std::span<const Update> updates);

/// (1 - share) global + share (base + change): FedAsync (Xie, Koyejo and Gupta 2019).
void blend(std::span<double> global, std::span<const double> base, std::span<const double> change,
           double share);

}  // namespace cardan::federation
