// transports KIND [--producers P] [--steps N] [--bytes B]: whether a transport works here.
//
// KIND is auto, shared, rma or two_sided. The first P ranks (default: half of them) send boxes and
// batches to the others and get replies; N steps (default: 20), boxes of B bytes in all (default:
// 1048576). Every element is checked. One line says how it ended, and so does the exit status:
//
//   0  passed: transport rma    (what was chosen)
//   1  failed: ...              wrong data, or an error after the channels had opened
//   2  wrong arguments
//   3  refused: ...             a channel does not open, and says why
#include "coupling.hpp"

#include <cardan/error.hpp>

#include <mpi.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <optional>
#include <string>
#include <vector>

using cardan::TransportKind;
using matrix::Coupling;
using matrix::Options;
using matrix::Ranks;

namespace {

std::optional<Options> parse(int argc, char** argv, int size)
{
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.empty() || size < 2) return {};
  Options options;
  options.producers = size / 2;
  if (words[0] == "shared")
    options.kind = TransportKind::shared;
  else if (words[0] == "rma")
    options.kind = TransportKind::rma;
  else if (words[0] == "two_sided")
    options.kind = TransportKind::two_sided;
  else if (words[0] != "auto")
    return {};
  for (std::size_t i = 1; i < words.size(); i += 2) {
    const std::int64_t number = i + 1 < words.size() ? std::atoll(words[i + 1].c_str()) : 0;
    if (number < 1) return {};
    if (words[i] == "--producers")
      options.producers = static_cast<int>(std::min<std::int64_t>(number, size));
    else if (words[i] == "--steps")
      options.steps = number;
    else if (words[i] == "--bytes")
      options.bytes = number;
    else
      return {};
  }
  if (options.producers >= size) return {};
  return options;
}

int say(const Ranks& ranks, int status, const char* how, const std::string& what)
{
  if (ranks.rank == 0) std::printf("%s: %s\n", how, what.c_str());
  std::fflush(stdout);
  return status;
}

/// The same for an error that the other ranks may not have: they would wait for this one.
int end_all(const Ranks& ranks, int status, const char* how, const std::string& what)
{
  std::printf("%s: rank %d: %s\n", how, ranks.rank, what.c_str());
  std::fflush(stdout);
  MPI_Abort(MPI_COMM_WORLD, status);
  return status;
}

int run(const Options& options, const Ranks& ranks)
{
  std::optional<Coupling> coupling;
  try {
    coupling.emplace(options, ranks);
  } catch (const cardan::Error& error) {
    if (error.reach() == cardan::Reach::everywhere) return say(ranks, 3, "refused", error.what());
    return end_all(ranks, 3, "refused", error.what());
  }
  try {
    coupling->send_boxes();
    coupling->send_batches();
    coupling->ask_and_answer();
    const TransportKind transport = coupling->transport();
    coupling.reset();
    return say(ranks, 0, "passed", std::string("transport ") + cardan::to_string(transport));
  } catch (const std::exception& error) {
    return end_all(ranks, 1, "failed", error.what());
  }
}

}  // namespace

int main(int argc, char** argv)
{
  int provided = 0;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
  Ranks ranks;
  MPI_Comm_rank(MPI_COMM_WORLD, &ranks.rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks.size);
  const auto options = parse(argc, argv, ranks.size);
  int status = 2;
  if (options) {
    ranks.producers = options->producers;
    status = run(*options, ranks);
  } else if (ranks.rank == 0) {
    std::fprintf(stderr,
                 "usage: transports auto|shared|rma|two_sided [--producers P] [--steps N] "
                 "[--bytes B]   (two ranks or more, P fewer than they are, numbers from 1 on)\n");
  }
  MPI_Finalize();
  return status;
}
