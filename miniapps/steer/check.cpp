#include "check.hpp"

#include "dynamics_check.hpp"

#include <fmt/format.h>
#include <mpi.h>

#include <cstdio>

namespace steer {

int check(const Options& options)
{
  int status = 0;
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  if (rank == 0) {
    CheckSettings settings;
    settings.seed = static_cast<std::uint64_t>(options.command.seed.value_or(1));
    settings.engine = options.engine.value_or("built-in");
    fmt::print("{:<62} {:>13} {:>13} {:>10} {:>10}\n", "", "value", "reference", "+-", "allowed");
    const bool good = check_dynamics(settings, [](const CheckRow& row) {
      fmt::print("{:<62} {:>13.7g} {:>13.7g} {:>10.2g} {:>10.2g}{}\n", row.name, row.value,
                 row.reference, row.error, row.tolerance + 4 * row.error,
                 row.within() ? "" : "  OFF");
      std::fflush(stdout);
    });
    status = good ? 0 : 1;
  }
  MPI_Bcast(&status, 1, MPI_INT, 0, MPI_COMM_WORLD);
  return status;
}

}  // namespace steer
