#pragma once

#include "reactor.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace inner {

// Names that make_profile knows.
std::vector<std::string> profile_names();

// Initial concentrations by name, for a domain of `width` (x) by `height` (y):
//   homogeneous  (1, 0, 0) everywhere;
//   blobs        smooth blobs of y1 in [0.4, 1] and, independently, of y3 in [0, 0.6]; y2 = 0.
// The seed decides the blobs, on every machine and for any decomposition.
// Throws std::invalid_argument for an unknown name.
Profile make_profile(std::string_view name, std::uint64_t seed, double width, double height);

}  // namespace inner
