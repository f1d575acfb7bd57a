/// What can be checked of a run file without a job.
#pragma once

#include <string>
#include <vector>

namespace cardan {

/// Lines for people, those about the file with its name and line.
struct Findings {
  std::vector<std::string> problems;
  /// What could not be checked, and why.
  std::vector<std::string> notes;
};

/// Reads every table that the library reads, as a session does, and looks for the files that they
/// name. Not collective; starts no MPI and loads no module. Throws where the file cannot be read.
Findings check_run_file(const std::string& path);

}  // namespace cardan
