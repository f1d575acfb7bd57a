// Prints the errors of the miniapp's filters beside published ones; exits with 1 where a value is
// off.
#include "reference_check.hpp"
#include "site_check.hpp"

#include <fmt/core.h>
#include <mpi.h>
#include <CLI/CLI.hpp>

#include <cstdio>
#include <exception>

namespace {

void print_sites(const twin::SiteRow& row)
{
  fmt::print("{:<10} {:>5} {:>12.3f} {:>12.3f} {:>8.3f}\n", row.rule, row.count, row.analysis,
             row.forecast, row.error);
  std::fflush(stdout);
}

void print_time(const twin::TimeRow& row)
{
  fmt::print("{:<46} {:>12.1f} {:>12.1f}\n", row.name, row.forecast * 1e6, row.analysis * 1e6);
  std::fflush(stdout);
}

int run(int argc, char** argv)
{
  CLI::App app{"Are the filters of the miniapp twin right? Analysis errors beside published ones."};
  twin::CheckSettings settings;
  bool sites = false;
  bool time = false;
  app.add_flag("--full", settings.full,
               "minutes instead of seconds: large rings, long intervals, more filters");
  app.add_flag("--sites", sites, "instead: few sites, chosen by each rule");
  app.add_flag("--time", time, "instead: microseconds of a cycle");
  app.add_option("--seed", settings.seed, "the first of the seeds")->capture_default_str();
  app.add_option("--seeds", settings.seeds, "runs of each experiment")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  app.add_option("--cycles", settings.cycles, "analyses of each run that count")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  CLI11_PARSE(app, argc, argv);
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  const bool prints = rank == 0;
  if (sites) {
    if (prints) {
      fmt::print("{:<10} {:>5} {:>12} {:>12} {:>8}\n", "rule", "sites", "analysis", "forecast",
                 "+-");
    }
    twin::compare_sites(MPI_COMM_WORLD, settings, [&](const twin::SiteRow& row) {
      if (prints) print_sites(row);
    });
    return 0;
  }
  if (time) {
    if (prints) fmt::print("{:<46} {:>12} {:>12}\n", "us a cycle, median", "forecast", "analysis");
    twin::time_cycles(MPI_COMM_WORLD, [&](const twin::TimeRow& row) {
      if (prints) print_time(row);
    });
    return 0;
  }
  if (prints) {
    fmt::print("{:<66} {:>9} {:>9} {:>8} {:>8}  {}\n", "analysis RMSE unless named otherwise",
               "value", "reference", "+-", "allowed", "reference from");
  }
  const bool good =
      twin::check_references(MPI_COMM_WORLD, settings, [&](const twin::CheckRow& row) {
        if (!prints) return;
        fmt::print("{:<66} {:>9.4f} {:>9.4g} {:>8.4f} {:>8.4f}  {}{}\n", row.name, row.value,
                   row.reference, row.error, row.tolerance + 3 * row.error, row.source,
                   row.within() ? "" : "  OFF");
        std::fflush(stdout);
      });
  return good ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv)
{
  MPI_Init(&argc, &argv);
  int status = 2;
  try {
    status = run(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "twin-check: {}\n", error.what());
  }
  MPI_Finalize();
  return status;
}
