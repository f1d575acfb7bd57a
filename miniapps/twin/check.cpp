#include "check.hpp"

#include "reference_check.hpp"

#include <fmt/format.h>
#include <mpi.h>

namespace twin {

int check(const Options& options)
{
  CheckSettings settings;
  if (options.seeds) settings.seeds = static_cast<int>(*options.seeds);
  if (options.cycles) settings.cycles = *options.cycles;
  if (options.command.seed) settings.seed = static_cast<std::uint64_t>(*options.command.seed);
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  if (rank == 0)
    fmt::print("{:<66} {:>9} {:>9} {:>8}  {}\n", "analysis RMSE unless named otherwise", "value",
               "reference", "+-", "reference from");
  const bool good = check_references(MPI_COMM_WORLD, settings, [&](const CheckRow& row) {
    if (rank == 0)
      fmt::print("{:<66} {:>9.4f} {:>9.4g} {:>8.4f}  {}{}\n", row.name, row.value, row.reference,
                 row.error, row.source, row.within() ? "" : "  OFF");
  });
  return good ? 0 : 1;
}

}  // namespace twin
