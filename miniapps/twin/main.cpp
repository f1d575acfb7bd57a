// A digital twin beside its asset on one clock: Lorenz-96, filters whose members are spread over
// the twin ranks, and a network that learns what the twin's model lacks.
//   mpirun -n 2 twin --out out/twin miniapps/twin/twin.toml
//   mpirun -n 2 twin --report realtime --out out/twin miniapps/twin/twin.toml

#include "check.hpp"
#include "episode.hpp"
#include "options.hpp"
#include "plans.hpp"
#include "report.hpp"

#include "support/command.hpp"
#include "support/program.hpp"
#include "support/progress.hpp"

#include <cardan/cardan.hpp>

#include <fmt/format.h>
#include <mpi.h>

#include <stdexcept>

namespace {

std::vector<twin::Episode> run_all(const std::vector<twin::Plan>& plans)
{
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  std::int64_t total = 0;
  for (const auto& plan : plans) total += plan.problem.cycles;
  miniapp::Progress progress{"twin", total, rank == 0};
  std::vector<twin::Episode> episodes;
  std::int64_t before = 0;
  for (const auto& plan : plans) {
    auto episode = twin::run_episode(plan, [&](std::int64_t cycle, const twin::Episode& so_far) {
      // On every cycle, or the tenths of the work that are shown elsewhere would be missed.
      progress.step(before + cycle + 1, fmt::format("{}, seed {}: error {:.3f}", plan.method,
                                                    plan.seed, so_far.analysis_error.back()));
    });
    before += plan.problem.cycles;
    if (episode) episodes.push_back(std::move(*episode));
  }
  return episodes;
}

/// What is to be run; what is wrong with it is so on all ranks.
std::vector<twin::Plan> prepare(const twin::Options& options, twin::Settings& settings)
{
  try {
    if (miniapp::ml_ranks_beside())
      throw cardan::Error{"twin was launched with another program beside it",
                          "cardan-ml does not know the twin \"lorenz96\", which this program has",
                          "Start it alone: mpirun -n 2 twin RUN_FILE."};
    settings = twin::read_settings(options);
    return twin::make_plans(settings, options);
  } catch (const cardan::Error& error) {
    throw cardan::Error::everywhere(error.what());
  }
}

void run(const twin::Options& options, bool& draws)
{
  twin::Results results;
  results.report = options.report;
  const auto plans = prepare(options, results.settings);
  miniapp::prepare_folder(MPI_COMM_WORLD, options.command.out);
  twin::write_run_files(plans, options.command.run_file);
  MPI_Barrier(MPI_COMM_WORLD);
  const double begin = MPI_Wtime();
  results.episodes = run_all(plans);
  results.wall_seconds = MPI_Wtime() - begin;
  if (results.episodes.empty()) return;
  twin::report(results, options.command.out);
  draws = !options.no_pictures;
}

}  // namespace

int main(int argc, char** argv)
{
  twin::Options options;
  CLI::App app{
      "A digital twin beside its asset on one clock: it assimilates, forecasts, chooses where to\n"
      "look next, and learns what its model lacks; compared with simpler ones.\n"
      "  mpirun -n 2 twin --out out/twin miniapps/twin/twin.toml"};
  twin::add_options(app, options);
  const auto work = [&](bool& draws) {
    if (options.check) return twin::check(options);
    run(options, draws);
    return 0;
  };
  return miniapp::run_program(argc, argv, app, options.command, {"twin", "draw-twin", work});
}
