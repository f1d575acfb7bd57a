/// The beginning and the end of a miniapp that opens a session for each of its runs.
#pragma once

#include "support/command.hpp"

#include <functional>
#include <string>

namespace miniapp {

/// Whether more than one program was launched: `cardan-ml` beside this one.
bool ml_ranks_beside();

struct Program {
  /// Of the executable, for messages.
  std::string name;
  /// The script that draws what the run left; see draw.hpp.
  std::string script;
  /// All that the miniapp does between MPI_Init and MPI_Finalize; returns an exit status. `draws`,
  /// false before: whether the script is to be run, by this rank.
  std::function<int(bool& draws)> run;
};

/// Initialises MPI (FUNNELED), parses, runs, ends MPI, draws; returns the exit status. An error
/// that all ranks share is printed once; one that a single rank has is printed with its rank and
/// ends the job, as does the former where ML ranks launched beside would wait for a session.
int run_program(int argc, char** argv, CLI::App& app, const Command& command,
                const Program& program);

}  // namespace miniapp
