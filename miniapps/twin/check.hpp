/// --check.
#pragma once

#include "options.hpp"

namespace twin {

/// Collective over MPI_COMM_WORLD: prints the filters' errors beside published values, as
/// twin-check does. Returns 0, or 1 where one is off.
int check(const Options& options);

}  // namespace twin
