/// What a model does in the long run.
#pragma once

#include "filter.hpp"
#include "model.hpp"

#include <cstdint>
#include <vector>

namespace twin {

/// A state on the attractor: the rest state with noise, after `time` units.
std::vector<double> attractor_state(Model& model, std::uint64_t seed, double time = 20);

/// Of one run of `time` units after `spin_up`, a state each `stride` steps. `size`: of the first
/// sites only; 0: all. Not collective.
Climate climate_of(Model& model, std::uint64_t seed, double time, int stride = 1,
                   std::size_t size = 0, double spin_up = 20);
/// Root of the mean variance.
double deviation(const Climate& climate);

/// Largest Lyapunov exponent, per time unit, by the growth of a small difference that is scaled
/// back each `stride` steps (Benettin et al. 1980), over `time` units after 50.
double lyapunov_exponent(Model& model, std::uint64_t seed, double time, int stride = 1);

}  // namespace twin
