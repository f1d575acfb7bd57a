/// The named axes of fields: `[field.NAME] axes` of the run file.
#pragma once

#include <cardan/config.hpp>
#include <cardan/field.hpp>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace cardan {

/// Axes of the fields that have them, in the order in which everyone but the field's own code knows
/// them.
using Axes = std::map<std::string, std::vector<std::string>, std::less<>>;

/// Reads all `[field.NAME]`; throws with file and line.
Axes read_axes(const Config& run_file);
/// What `Session::arranged` says.
Field arrange(const Config& run_file, const Axes& axes, const std::string& name, const Field& field,
              std::string_view mine);

}  // namespace cardan
