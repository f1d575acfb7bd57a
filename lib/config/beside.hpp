/// Files that a run file names. C++17, so that modules can include it.
#pragma once

#include <cardan/config.hpp>

#include <string>

namespace cardan {

/// Where a file lies that a table names: a relative path is looked for beside the run file, then in
/// the working directory. A path with a slash in it, so that no loader searches for it elsewhere;
/// where there is no such file, the path as it was given.
std::string find_beside(const Config& table, const std::string& path);

}  // namespace cardan
