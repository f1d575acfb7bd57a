/// The ground state of a strip, exactly.
#pragma once

#include "strip.hpp"

namespace adapt {

struct GroundState {
  double energy = 0;
  Spins spins;
};

/// By a transfer matrix in the algebra of minimum and sum (as in Derrida and Vannimenus 1983, at
/// temperature zero): 2^width states of a front that takes in one site after the other; a ring is
/// solved once for each of 2^(width - 1) first columns. Takes length width 2^width bytes. Throws
/// std::invalid_argument where the width is above 14.
GroundState ground_state(const Strip& strip);

/// The same by trying all, for tests; at most 24 sites.
GroundState tried_ground_state(const Strip& strip);

}  // namespace adapt
