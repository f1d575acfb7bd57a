/// Coarse models by the names that they were registered under.
#pragma once

#include <cardan/config.hpp>
#include <cardan/inverse.hpp>

#include <string>

namespace cardan::inverse {

/// `table`: `[inverse.NAME.first_stage]`, whose `coarse` is `name`. Throws, with the line, where
/// this program has none of that name.
CoarseModel make_coarse_model(const Config& table, const std::string& name);

}  // namespace cardan::inverse
