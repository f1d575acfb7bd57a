/// MPI datatypes of patches.
#pragma once

#include "channel/patch.hpp"
#include "mpi/window.hpp"

#include <climits>

namespace cardan::channel {

/// A patch as a committed datatype of bytes whose extent is `step` bytes. Dimensions of more than
/// `most` elements, which MPI cannot count, become several.
mpi::Type datatype(const Patch& patch, std::int64_t step, std::int64_t most = INT_MAX);

}  // namespace cardan::channel
