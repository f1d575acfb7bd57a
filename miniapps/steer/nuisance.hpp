/// A descriptor with coordinates that say nothing, as those of a solvent would.
#pragma once

#include "system.hpp"

#include <memory>

namespace steer {

/// The same system, its descriptor followed by `numbers` independent ones of mean 0 and variance 1,
/// new in each frame.
std::unique_ptr<System> with_nuisance(std::unique_ptr<System> system, std::int64_t numbers);

}  // namespace steer
