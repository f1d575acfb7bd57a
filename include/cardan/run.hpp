/// A whole program around a simulation: MPI, session, serving ML ranks, errors and exit status.
#pragma once

#include <cardan/session.hpp>

#include <functional>
#include <string>

namespace cardan {

/// Runs `body` on the simulation ranks and serves on the ML ranks. Initialises MPI (FUNNELED) and
/// ends it, unless the caller has. `argv[1]` is the run file; `--replay LOG` behind it repeats the
/// run whose decision log that is (SessionOptions::replay). An error that all ranks share is
/// printed once and gives exit status 1; one that a single rank has is printed with its rank and
/// ends the job.
int run(int argc, char** argv, const std::function<void(Session&)>& body);
/// The same with a run file by name.
int run(const std::string& run_file, const SessionOptions& options,
        const std::function<void(Session&)>& body);

}  // namespace cardan
