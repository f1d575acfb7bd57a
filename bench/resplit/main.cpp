// What it costs to split a session's ranks anew, under load, and whether anything is lost or left
// over: cardan-bench-resplit.
//   mpirun -n 8 cardan-bench-resplit --report resplit

#include "measure.hpp"
#include "program.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <unistd.h>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

namespace {

using bench::misused;

/// Empty to go on; else the exit status.
std::optional<int> parse(bench::ResplitOptions& options, int argc, char** argv, bool speaks)
{
  CLI::App app{
      "What it takes to split a session's ranks anew while samples, reports, decisions and "
      "requests are\n"
      "under way and a field follows, to random sets of ML ranks; what became of each of them, "
      "and what\n"
      "is left over: windows, communicators, handles, files, memory.\n"
      "  mpirun -n 8 cardan-bench-resplit --report resplit"};
  std::string report = "resplit";
  app.add_option("--report", report, "resplit: the only one")->check(CLI::IsMember({"resplit"}));
  app.add_option("--splits", options.splits, "How many")
      ->check(CLI::Range(1, 1000000))
      ->capture_default_str();
  app.add_option("--warmup", options.warmup, "How many before, which are not measured")
      ->check(CLI::Range(0, 1000000))
      ->capture_default_str();
  app.add_option("--steps", options.steps, "Steps of load between two splits")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_option("--seed", options.seed, "Of the splits")->capture_default_str();
  app.add_option("--json", options.json, "File for one JSON object");
  app.add_flag("!--no-surrogate", options.learns, "Reports, decisions and requests only");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (speaks) app.exit(error);
    return error.get_exit_code() == 0 ? 0 : misused;
  }
  return std::nullopt;
}

int run(int argc, char** argv, int rank)
{
  bench::ResplitOptions options;
  if (const auto status = parse(options, argc, argv, rank == 0)) return *status;
  bench::JsonLines json{MPI_COMM_WORLD, options.json};
  if (!json.good()) {
    if (rank == 0)
      fmt::print(stderr, "--json: '{}' cannot be written; give another file\n", options.json);
    return misused;
  }
  int ranks = 0;
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  int process = static_cast<int>(::getpid());
  MPI_Bcast(&process, 1, MPI_INT, 0, MPI_COMM_WORLD);
  const auto path =
      std::filesystem::temp_directory_path() / fmt::format("cardan_bench_resplit_{}.toml", process);
  if (rank == 0) std::ofstream{path} << test::load_run(ranks > 1 ? 1 : 0, options.learns);
  MPI_Barrier(MPI_COMM_WORLD);
  test::register_load();
  const auto figures = bench::measure(options, path.string());
  if (rank == 0) std::filesystem::remove(path);
  int whole = 1;
  if (rank == 0) whole = bench::tell(options, ranks, figures, json) ? 1 : 0;
  MPI_Bcast(&whole, 1, MPI_INT, 0, MPI_COMM_WORLD);
  return whole != 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv)
{
  return bench::program("cardan-bench-resplit", argc, argv, run);
}
