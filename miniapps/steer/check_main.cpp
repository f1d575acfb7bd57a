// Prints what the miniapp's systems give, beside what is known of them; exits with 1 where a value
// is off.
#include "dynamics_check.hpp"

#include <fmt/core.h>
#include <mpi.h>
#include <CLI/CLI.hpp>

#include <cstdio>
#include <exception>

namespace {

int run(int argc, char** argv)
{
  CLI::App app{"Is the physics of the miniapp steer right? Values beside what is known."};
  steer::CheckSettings settings;
  bool full = false;
  app.add_flag("--full", full, "minutes instead of seconds: low temperatures, LJ38");
  app.add_option("--seed", settings.seed, "of all random numbers")->capture_default_str();
  app.add_option("--engine", settings.engine, "what moves LJ7: built-in or lammps")
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  if (full) settings.extent = steer::Extent::full;
  fmt::print("{:<62} {:>13} {:>13} {:>10} {:>10}\n", "", "value", "reference", "+-", "allowed");
  const bool good = steer::check_dynamics(settings, [](const steer::CheckRow& row) {
    fmt::print("{:<62} {:>13.7g} {:>13.7g} {:>10.2g} {:>10.2g}{}\n", row.name, row.value,
               row.reference, row.error, row.tolerance + 4 * row.error,
               row.within() ? "" : "  OFF");
    std::fflush(stdout);
  });
  return good ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv)
{
  // LAMMPS wants a communicator.
  MPI_Init(&argc, &argv);
  int status = 2;
  try {
    status = run(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "steer-check: {}\n", error.what());
  }
  MPI_Finalize();
  return status;
}
