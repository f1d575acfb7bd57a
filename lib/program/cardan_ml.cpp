// The stock program for ML ranks: mpirun -n 3 simulation run.toml : -n 1 cardan-ml run.toml

#include <cardan/run.hpp>
#include <cardan/version.hpp>

#include <mpi.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <string>
#include <thread>

int main(int argc, char** argv)
{
  MPI_Init(&argc, &argv);
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);

  CLI::App app{
      "ML ranks of a coupled run, launched beside a simulation that uses Cardan:\n"
      "  mpirun -n 3 simulation run.toml : -n 1 cardan-ml run.toml"};
  std::string run_file;
  app.add_option("run_file", run_file, "The run file that the simulation has too")->required();
  app.set_version_flag("--version", std::string("cardan-ml ") + cardan::version);
  int status = 0;
  try {
    app.parse(argc, argv);
    cardan::SessionOptions options;
    options.program = cardan::Program::ml;
    status = cardan::run(run_file, options, [](cardan::Session&) {});
  } catch (const CLI::ParseError& error) {
    int size = 1;
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    if (size > 1 && error.get_exit_code() != 0) {
      // The simulation beside it waits for these ranks: the first of them speaks and ends all.
      std::this_thread::sleep_for(std::chrono::milliseconds(150 * std::min(rank, 12)));
      app.exit(error);
      MPI_Abort(MPI_COMM_WORLD, error.get_exit_code());
    }
    status = rank == 0 ? app.exit(error) : error.get_exit_code();
  }
  MPI_Finalize();
  return status;
}
