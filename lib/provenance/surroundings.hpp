/// What surrounds a process: its command, the environment that matters to a run, the time.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace cardan::provenance {

/// This process's words; empty where the system does not tell.
std::vector<std::string> command_line();
/// The variables that change what a run computes or how it is placed, and the batch job's number;
/// never all of them: an environment has secrets.
std::map<std::string, std::string> environment();
/// Now, such as `2026-03-01T12:00:00.250Z`.
std::string now();

}  // namespace cardan::provenance
