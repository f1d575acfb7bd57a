/// Fields that a design is to come near to.
#pragma once

#include "membrane.hpp"

#include <string>
#include <vector>

namespace invert {

/// "plateau" (the same in the middle, sloping to the edge), "ridge" (higher along a diagonal
/// band), "basins" (one corner high, the other low: the truth's).
const std::vector<std::string>& known_fields();

/// At the measured points, in their order; throws std::invalid_argument for another name.
std::vector<double> wanted_field(const std::string& name, const Mesh& mesh = {});

}  // namespace invert
