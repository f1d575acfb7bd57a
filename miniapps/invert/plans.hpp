/// Which runs a comparison consists of.
#pragma once

#include "options.hpp"
#include "support/run_file.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace invert {

/// What one run is to do: a session of its own.
struct Plan {
  /// Its name in tables, and the [inverse.METHOD] that says what it does.
  std::string method;
  /// Written before it is run: the given one with these keys.
  std::string run_file;
  miniapp::Overrides overrides;
  /// Where its session leaves run.json and its log.
  std::string folder;
  std::int64_t seed = 0;
};

/// In the order in which they are run; the same on all ranks. Throws where the run file has no
/// table for one, and for several where ML ranks were launched beside: they serve one session.
std::vector<Plan> make_plans(const Settings& settings, const Options& options);

/// Rank 0 writes the run files that the plans name.
void write_run_files(const std::vector<Plan>& plans, const std::string& run_file);

}  // namespace invert
