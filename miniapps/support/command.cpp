#include "support/command.hpp"

#include <cardan/error.hpp>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <thread>

namespace miniapp {

void add_shared_options(CLI::App& app, Command& command)
{
  app.add_option("run_file", command.run_file, "Run file (TOML)")->required();
  app.add_option("-o,--out", command.out, "Folder for results: HDF5, summary.json, pictures")
      ->capture_default_str();
  app.add_option("-s,--seed", command.seed, "Random seed; takes the place of [run] seed");
}

void add_restart_option(CLI::App& app, Command& command)
{
  app.add_option("--restart", command.restart,
                 "Go on from a checkpoint: its file, or latest for the newest in --out");
}

void add_replay_option(CLI::App& app, Command& command)
{
  app.add_option("--replay", command.replay,
                 "A run's decisions.h5 (with answers): repeat that run, without ML ranks");
}

std::optional<int> parse(CLI::App& app, int argc, char** argv)
{
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  try {
    app.parse(argc, argv);
    return std::nullopt;
  } catch (const CLI::ParseError& error) {
    int size = 1;
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    if (size > 1 && error.get_exit_code() != 0) {
      // ML ranks launched beside the miniapp wait for it: the first rank speaks and ends all.
      std::this_thread::sleep_for(std::chrono::milliseconds(150 * std::min(rank, 12)));
      app.exit(error);
      MPI_Abort(MPI_COMM_WORLD, error.get_exit_code());
    }
    if (rank == 0) return app.exit(error);
    return error.get_exit_code();
  }
}

void prepare_folder(MPI_Comm comm, const std::string& folder)
{
  int rank = 0;
  MPI_Comm_rank(comm, &rank);
  std::string reason;
  if (rank == 0) {
    std::error_code code;
    std::filesystem::create_directories(folder, code);
    const auto probe = std::filesystem::path(folder) / ".writable";
    if (code)
      reason = code.message();
    else if (!std::ofstream{probe}.put('x'))
      reason = "it cannot be written";
    std::filesystem::remove(probe, code);
  }
  int bad = reason.empty() ? 0 : 1;
  MPI_Bcast(&bad, 1, MPI_INT, 0, comm);
  if (bad == 0) return;
  auto length = static_cast<int>(reason.size());
  MPI_Bcast(&length, 1, MPI_INT, 0, comm);
  reason.resize(static_cast<std::size_t>(length));
  MPI_Bcast(reason.data(), length, MPI_CHAR, 0, comm);
  throw cardan::Error::everywhere("cannot write to the output folder '" + folder + "' (" + reason +
                                  "). Give another with --out.");
}

}  // namespace miniapp
