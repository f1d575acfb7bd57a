/// What a run file says of what a run leaves behind: `[run] folder`, `[run] provenance` and
/// `[decisions]`.
#pragma once

#include <cardan/config.hpp>

#include <cstdint>
#include <string>

namespace cardan::provenance {

struct Settings {
  /// Where `run.json` and the decision log go; relative to the working directory.
  std::string folder = ".";
  bool provenance = true;
  /// A decision log that takes the place of the ML ranks; empty for none.
  std::string replay;
  /// The decision log, and whether it keeps inputs and outputs.
  bool log = true;
  bool answers = false;
  /// Steps between flushes.
  std::int64_t flush = 100;
};
/// Throws with file and line. `CARDAN_PROVENANCE=0` in the environment turns off what the run file
/// does not ask for.
Settings read_settings(const Config& run_file);

}  // namespace cardan::provenance
