#include "support/program.hpp"

#include "support/draw.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>
#include <mpi.h>

#include <cstdio>
#include <cstdlib>
#include <exception>

namespace miniapp {

namespace {

int fail(const std::string& program, const char* message, bool everywhere)
{
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  if (!everywhere)
    fmt::print(stderr, "{}: rank {}: {}\n", program, rank, message);
  else if (rank == 0)
    fmt::print(stderr, "{}: {}\n", program, message);
  std::fflush(nullptr);
  if (!everywhere || ml_ranks_beside()) MPI_Abort(MPI_COMM_WORLD, 1);
  return 1;
}

}  // namespace

bool ml_ranks_beside()
{
  const char* programs = std::getenv("OMPI_NUM_APP_CTX");
  return programs != nullptr && std::atoi(programs) > 1;
}

int run_program(int argc, char** argv, CLI::App& app, const Command& command,
                const Program& program)
{
  int provided = 0;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
  if (const auto status = parse(app, argc, argv)) {
    MPI_Finalize();
    return *status;
  }
  bool draws = false;
  int status = 0;
  try {
    status = program.run(draws);
  } catch (const cardan::Error& error) {
    status = fail(program.name, error.what(), error.reach() == cardan::Reach::everywhere);
  } catch (const std::exception& error) {
    status = fail(program.name, error.what(), false);
  }
  MPI_Finalize();
  if (status == 0 && draws) draw(program.script, command.out);
  return status;
}

}  // namespace miniapp
