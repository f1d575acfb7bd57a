// Data-parallel training in turns with PyTorch: the same network, batch, optimiser and dtypes, and
// mini-batches drawn from as many samples.

#include "ml_reports.hpp"
#include "peer.hpp"
#include "statistics.hpp"
#include "table.hpp"
#include "trainer.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <random>

namespace bench {

namespace {

std::vector<TrainingCase> cases(const MlOptions& options)
{
  const auto mlp = [](std::int64_t width) {
    return TrainingCase{fmt::format("mlp 64-{0}-{0}-64", width),
                        {"--widths", fmt::format("64,{0},{0},64", width)},
                        fmt::format("hidden = [{0}, {0}]\nmembers = 1\n", width),
                        64,
                        64,
                        {}};
  };
  if (options.smoke) return {mlp(32)};
  std::vector<TrainingCase> all{mlp(256), mlp(1024)};
  if (!options.quick)
    all.push_back(
        {"cnn 1-16-16-1, 16 x 16", {"--network", "cnn"}, "file = \"{}\"\n", 256, 256, {1, 16, 16}});
  return all;
}

/// What the first rank says to all, which sleep meanwhile.
double told(double value, MPI_Comm comm)
{
  MPI_Request request = MPI_REQUEST_NULL;
  MPI_Ibcast(&value, 1, MPI_DOUBLE, 0, comm, &request);
  cardan::mpi::Waiter waiter{cardan::mpi::Waiter::Manner::patient};
  for (int done = 0; done == 0; waiter.pause()) MPI_Test(&request, &done, MPI_STATUS_IGNORE);
  return value;
}

/// Seconds of as many of the peer's steps; not a number where there is none.
double peer_time(Peer* peer, std::int64_t steps, double& loss)
{
  if (peer == nullptr) return std::nan("");
  peer->tell(std::to_string(steps));
  const auto line = peer->hear();
  if (!line) throw cardan::Error{"PyTorch's side ended early", "see its message above"};
  char* rest = nullptr;
  const double seconds = std::strtod(line->c_str(), &rest);
  loss = std::strtod(rest, nullptr);
  return seconds;
}

std::unique_ptr<Peer> start_peer(const MlOptions& options, const TrainingCase& asked, int ranks)
{
  std::vector<std::string> command{
      options.python, options.peer,          "--ranks",   std::to_string(ranks),
      "--batch",      std::to_string(batch), "--samples", std::to_string(samples)};
  command.insert(command.end(), asked.network.begin(), asked.network.end());
  auto peer = std::make_unique<Peer>(command);
  const auto greeting = peer->hear();
  if (!greeting) return nullptr;
  return peer;
}

/// A file with the case's network as TorchScript; empty where the peer cannot write one.
std::string write_network(const MlOptions& options, const TrainingCase& asked)
{
  const auto file = std::filesystem::temp_directory_path() /
                    fmt::format("cardan_bench_{}.pt", static_cast<long>(::getpid()));
  std::vector<std::string> command{options.python, options.peer, "--save", file.string()};
  command.insert(command.end(), asked.network.begin(), asked.network.end());
  {
    Peer writer{command};
    while (writer.hear()) continue;
  }
  return std::filesystem::exists(file) ? file.string() : "";
}

void measure(const MlOptions& options, const TrainingCase& asked, MPI_Comm comm, JsonLines& json)
{
  int rank = 0;
  int ranks = 1;
  MPI_Comm_rank(comm, &rank);
  MPI_Comm_size(comm, &ranks);
  const bool speaks = rank == 0;
  std::unique_ptr<Peer> peer;
  std::string file;
  if (speaks) {
    show_progress(fmt::format("training {}, {} rank(s)", asked.name, ranks));
    peer = start_peer(options, asked, ranks);
    if (peer && !asked.grid.empty()) file = write_network(options, asked);
  }
  file.resize(4096, '\0');
  told(0, comm);
  MPI_Bcast(file.data(), static_cast<int>(file.size()), MPI_CHAR, 0, comm);
  file.resize(file.find('\0'));
  if (!asked.grid.empty() && file.empty()) return;
  Trainer trainer{asked, file, comm};
  MPI_Barrier(comm);
  if (speaks && !file.empty()) std::filesystem::remove(file);

  // Warm up, and find how many steps a round shall have.
  std::int64_t steps = 4;
  if (!options.smoke) {
    const double wanted = options.quick ? 0.2 : 0.5;
    for (double seconds = trainer.run(steps); seconds < wanted / 2; seconds = trainer.run(steps))
      steps *= 2;
  }
  double peer_loss = 0;
  if (speaks) peer_time(peer.get(), steps, peer_loss);
  std::vector<double> own;
  std::vector<double> others;
  for (int round = 0; round < options.rounds; ++round) {
    const auto ask = [&] {
      const double seconds = speaks ? peer_time(peer.get(), steps, peer_loss) : 0;
      others.push_back(told(seconds, comm));
    };
    if (round % 2 == 1) ask();
    told(0, comm);
    own.push_back(trainer.run(steps));
    if (round % 2 == 0) ask();
  }
  if (!speaks) return;
  const auto rate = [&](std::vector<double> seconds) {
    for (auto& value : seconds) value = static_cast<double>(steps * batch * ranks) / value;
    return summarise(seconds);
  };
  const Summary ours = rate(own);
  const Summary theirs = rate(others);
  const Summary ratio = summarise(ratios(others, own));
  clear_progress();
  nlohmann::json line{{"report", "training"},
                      {"model", asked.name},
                      {"ranks", ranks},
                      {"batch", batch},
                      {"steps", steps},
                      {"rounds", options.rounds},
                      {"loss", trainer.loss()},
                      {"samples_per_second", ours.median},
                      {"samples_per_second_spread", ours.spread}};
  if (peer) {
    line["peer_loss"] = peer_loss;
    line["peer_samples_per_second"] = theirs.median;
    line["peer_samples_per_second_spread"] = theirs.spread;
    line["ratio"] = ratio.median;
    line["ratio_spread"] = ratio.spread;
  }
  json.add(line);
  if (options.smoke)
    fmt::print("{:<26}{:>6} loss {:.4f}{}\n", asked.name, ranks, trainer.loss(),
               peer ? fmt::format(", PyTorch's {:.4f}", peer_loss) : "");
  else if (!peer)
    fmt::print("{:<26}{:>6}{:>12.0f} ({:.0f})\n", asked.name, ranks, ours.median, ours.spread);
  else
    fmt::print("{:<26}{:>6}{:>12.0f} ({:.0f}){:>14.0f} ({:.0f}){:>9.2f} ({:.2f})\n", asked.name,
               ranks, ours.median, ours.spread, theirs.median, theirs.spread, ratio.median,
               ratio.spread);
  std::fflush(stdout);
  if (!peer)
    fmt::print(stderr,
               "PyTorch was not measured: {} has no torch; scripts/setup peer installs "
               "python3-torch\n",
               options.python);
}

}  // namespace

void report_training(const MlOptions& options, JsonLines& json)
{
  int rank = 0;
  int all = 1;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &all);
  if (rank == 0 && !options.smoke)
    fmt::print(
        "Samples a second (IQR), {} samples a step and rank; the ratio is Cardan's to "
        "PyTorch's\n{:<26}{:>6}{:>18}{:>20}{:>15}\n",
        batch, "model", "ranks", "Cardan", "DDP over gloo", "ratio");
  for (const auto& asked : cases(options))
    for (const int ranks : {1, 2, 4}) {
      if (ranks > all || asked.name.find(options.only) == std::string::npos) continue;
      MPI_Comm comm = MPI_COMM_NULL;
      MPI_Comm_split(MPI_COMM_WORLD, rank < ranks ? 0 : MPI_UNDEFINED, rank, &comm);
      if (comm != MPI_COMM_NULL) {
        measure(options, asked, comm, json);
        MPI_Comm_free(&comm);
      }
      // The ranks that had nothing to do sleep until the others come.
      told(0, MPI_COMM_WORLD);
    }
}

}  // namespace bench
