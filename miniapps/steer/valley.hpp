/// Overdamped motion in the potential of Müller and Brown as a system of the miniapp.
#pragma once

#include "system.hpp"

#include <memory>

namespace steer {

/// States A, B and I; starts in A. Descriptor and state are (x, y).
std::unique_ptr<System> make_valley(const SystemSettings& settings);

}  // namespace steer
