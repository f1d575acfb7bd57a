/// Coarse models by the names that they were registered under.
#pragma once

#include <cardan/config.hpp>
#include <cardan/inverse.hpp>

#include <string>

namespace cardan::inverse {

/// `table`: `[inverse.NAME.first_stage]`, which names it. Throws, with the line, where this program
/// has none of that name.
CoarseModel make_coarse_model(const Config& table);

}  // namespace cardan::inverse
