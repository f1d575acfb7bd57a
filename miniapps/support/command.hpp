/// What every miniapp's command line has: run file, --out, --seed, --help.
#pragma once

#include <mpi.h>
#include <CLI/CLI.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace miniapp {

/// The options that all miniapps share.
struct Command {
  std::string run_file;
  std::string out = "out";
  std::optional<std::int64_t> seed;
  /// A checkpoint, or `latest`; or empty.
  std::string restart;
  /// A decision log; or empty.
  std::string replay;
};

/// Declares the shared options on a parser that the miniapp adds its own to.
void add_shared_options(CLI::App& app, Command& command);

/// Declares --restart, for a miniapp whose state is in checkpoints.
void add_restart_option(CLI::App& app, Command& command);

/// Declares --replay, for a miniapp that asks surrogates.
void add_replay_option(CLI::App& app, Command& command);

/// Parses on every rank and speaks on one. Empty to go on; else the exit status (0 after --help).
/// MPI must be initialised.
std::optional<int> parse(CLI::App& app, int argc, char** argv);

/// Collective over `comm`: makes the folder and proves on rank 0 that it can be written; throws the
/// same error on all ranks.
void prepare_folder(MPI_Comm comm, const std::string& folder);

}  // namespace miniapp
