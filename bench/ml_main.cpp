// cardan-bench-ml: what learning and inference cost, and what is learned.
//   mpirun -n 4 cardan-bench-ml --report training
//   mpirun -n 2 cardan-bench-ml --report inference
//   cardan-bench-ml --report stream

#include "ml_reports.hpp"
#include "program.hpp"

#include <fmt/format.h>
#include <mpi.h>

#include <cstdio>

namespace {

using bench::misused;

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
  return bench::program("cardan-bench-ml", argc, argv, [](int count, char** words, int rank) {
    return run(count, words, rank == 0);
  });
}
