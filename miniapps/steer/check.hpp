/// `--check`: are the dynamics right, before anything is steered?
#pragma once

#include "options.hpp"

namespace steer {

/// On the first rank of MPI_COMM_WORLD: prints values of all systems beside what is known of them,
/// in some 20 s. Returns an exit status: 0 where all are within their error.
int check(const Options& options);

}  // namespace steer
