// What a checkpoint costs, beside a plain program with parallel HDF5: cardan-bench-checkpoint.
//   mpirun -n 3 cardan-bench-checkpoint --report checkpoint

#include "checkpoints/own.hpp"
#include "checkpoints/plain.hpp"
#include "checkpoints/rounds.hpp"
#include "json_lines.hpp"
#include "program.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <cmath>
#include <cstdio>

namespace {

using bench::misused;

/// Empty to go on; else the exit status.
std::optional<int> parse(bench::CheckpointOptions& options, int argc, char** argv, bool speaks)
{
  CLI::App app{
      "What a checkpoint of one array costs, in turns with a plain program that writes the same\n"
      "array with parallel HDF5 (one contiguous dataset, one collective call, flushed to the "
      "disk).\n"
      "  mpirun -n 3 cardan-bench-checkpoint --report checkpoint --mib 64 256"};
  std::string report = "checkpoint";
  app.add_option("--report", report, "checkpoint: the only one")
      ->check(CLI::IsMember({"checkpoint"}));
  app.add_option("--mib", options.mebibytes, "Sizes of the whole array, in MiB")
      ->check(CLI::Range(0.001, 65536.0))
      ->capture_default_str();
  app.add_option("--cut", options.cuts, "How ranks cut it: slabs, blocks")
      ->check(CLI::IsMember({"slabs", "blocks"}))
      ->capture_default_str();
  app.add_option("--rounds", options.rounds, "Turns of each way, at least 3")
      ->check(CLI::Range(3, 1000))
      ->capture_default_str();
  app.add_option("--folder", options.folder, "An empty folder is made in it, and taken away")
      ->check(CLI::ExistingDirectory)
      ->capture_default_str();
  app.add_option("--json", options.json, "File for one JSON object a line and case");
  app.add_flag("--quick", options.quick, "64 MiB and 5 rounds");
  app.add_flag("--smoke", options.smoke, "Small arrays, to see that files are whole");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (speaks) app.exit(error);
    return error.get_exit_code() == 0 ? 0 : misused;
  }
  if (options.quick) {
    options.mebibytes = {64};
    options.rounds = 5;
  }
  if (options.smoke) options.mebibytes = {0.05, 2};
  return std::nullopt;
}

int run(int argc, char** argv, bool speaks)
{
  bench::CheckpointOptions options;
  if (const auto status = parse(options, argc, argv, speaks)) return *status;
  bench::JsonLines json{MPI_COMM_WORLD, options.json};
  if (!json.good()) {
    if (speaks)
      fmt::print(stderr, "--json: '{}' cannot be written; give another file\n", options.json);
    return misused;
  }
  bench::report_checkpoint(options, json);
  return 0;
}

}  // namespace

int main(int argc, char** argv)
{
  return bench::program(
      "cardan-bench-checkpoint", argc, argv,
      [](int count, char** words, int rank) { return run(count, words, rank == 0); });
}
