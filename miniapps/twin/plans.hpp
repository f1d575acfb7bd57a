/// Which runs a comparison or a report consists of.
#pragma once

#include "options.hpp"
#include "support/run_file.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace twin {

/// What one run is to do: a session of its own.
struct Plan {
  /// Its name in tables, and the [twin.TABLE] that says what the twin does.
  std::string method;
  std::string table;
  /// Written before it is run: the given one with these keys.
  std::string run_file;
  miniapp::Overrides overrides;
  /// Where its session leaves run.json and its log.
  std::string folder;
  std::int64_t seed = 0;
  Problem problem;
  bool realtime = false;
  /// Keeps truth and analysis of the last cycles, for a picture.
  bool keeps_fields = false;
};

/// In the order in which they are run; the same on all ranks.
std::vector<Plan> make_plans(const Settings& settings, const Options& options);

/// Collective over MPI_COMM_WORLD: rank 0 writes the run files that the plans name.
void write_run_files(const std::vector<Plan>& plans, const std::string& run_file);

}  // namespace twin
