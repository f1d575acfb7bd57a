/// Twins of one's own by name.
#pragma once

#include <cardan/twin.hpp>

#include <string>
#include <vector>

namespace cardan::twin {

/// Throws, with those that are known, where nobody registered the kind.
const TwinMaker& find_maker(const Config& table, const std::string& kind);

}  // namespace cardan::twin
