// cardan-bench-ml: what learning and inference cost, and what is learned.
//   mpirun -n 4 cardan-bench-ml --report training
//   mpirun -n 2 cardan-bench-ml --report inference
//   cardan-bench-ml --report stream

#include "ml_reports.hpp"

#include <fmt/format.h>
#include <mpi.h>

#include <cstdio>
#include <exception>

namespace {

constexpr int failed = 1;
constexpr int misused = 2;

int run(int argc, char** argv, bool speaks)
{
  bench::MlOptions options;
  if (const auto status = bench::parse_ml(options, argc, argv, MPI_COMM_WORLD)) return *status;
  bench::JsonLines json{MPI_COMM_WORLD, options.json};
  if (!json.good()) {
    if (speaks)
      fmt::print(stderr, "--json: '{}' cannot be written; give another file\n", options.json);
    return misused;
  }
  if (options.report == "training") bench::report_training(options, json);
  if (options.report == "inference") bench::report_inference(options, json);
  if (options.report == "stream") bench::report_stream(options, json);
  return 0;
}

}  // namespace

int main(int argc, char** argv)
{
  int provided = 0;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  try {
    const int status = run(argc, argv, rank == 0);
    MPI_Finalize();
    return status;
  } catch (const std::exception& error) {
    fmt::print(stderr, "cardan-bench-ml: {}\n", error.what());
  }
  std::fflush(nullptr);
  MPI_Abort(MPI_COMM_WORLD, failed);
  return failed;
}
