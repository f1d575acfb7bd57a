/// `--slice 0,:,10:20`: a part of an array.
#pragma once

#include "tool/entry.hpp"

#include <string>

namespace cardan::tool {

/// A number takes one index (from the end where negative), `a:b` those from a to before b, `a:b:s`
/// every s-th of them, `:` all. Dimensions that are left out at the end are taken whole. Throws
/// where it does not fit the shape. Empty: all.
Block parse_slice(const std::string& text, const Shape& shape);
/// The dimensions of a block that have more than one index; at least one where the array has any.
std::vector<std::size_t> extended(const Shape& count);

}  // namespace cardan::tool
