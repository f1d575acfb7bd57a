#include "ml_options.hpp"

#include <CLI/CLI.hpp>

namespace bench {

std::optional<int> parse_ml(MlOptions& options, int argc, char** argv, MPI_Comm comm)
{
  int rank = 0;
  int ranks = 1;
  MPI_Comm_rank(comm, &rank);
  MPI_Comm_size(comm, &ranks);
  CLI::App app{
      "What learning and inference beside a simulation cost:\n"
      "  training   samples a second of data-parallel training on 1, 2 and 4 ranks, in turns with\n"
      "             PyTorch's DistributedDataParallel over gloo (python3-torch)\n"
      "  inference  a surrogate's answer, in turns with LibTorch's forward pass of the same batch\n"
      "  stream     learning beside a stream that moves against learning from a recording of it,\n"
      "             in equal time\n"
      "  mpirun -n 4 cardan-bench-ml --report training"};
  options.python = CARDAN_BENCH_PYTHON;
  options.peer = CARDAN_BENCH_PEER;
  app.add_option("--report", options.report, "training, inference or stream")
      ->check(CLI::IsMember({"training", "inference", "stream"}))
      ->required();
  app.add_option("--rounds", options.rounds, "Turns of each way, or seeds; at least 3")
      ->check(CLI::Range(3, 1000))
      ->capture_default_str();
  app.add_flag("--quick", options.quick, "Shorter rounds and fewer cases");
  app.add_flag("--smoke", options.smoke, "A few steps of each, to see that results are right");
  app.add_option("--case", options.only, "Only cases whose name has this in it, as wide or cnn");
  app.add_option("--json", options.json, "File for one JSON object a line and case");
  app.add_option("--python", options.python, "The Python that has torch")->capture_default_str();
  app.add_option("--peer", options.peer, "PyTorch's side of the report on training");
  try {
    app.parse(argc, argv);
    if (options.report == "inference" && ranks != 2)
      throw CLI::ValidationError("--report inference", "wants mpirun -n 2");
    return std::nullopt;
  } catch (const CLI::ParseError& error) {
    if (rank == 0) app.exit(error);
    return error.get_exit_code() == 0 ? 0 : 2;
  }
}

}  // namespace bench
