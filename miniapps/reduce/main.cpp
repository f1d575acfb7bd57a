// Fields that are reduced where they are made: rate against distortion, bounds, costs and drift of
// encoders beside uniform quantisation.
//   mpirun -n 3 reduce --out out/reduce reduce.toml

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

std::vector<reduce::Episode> run_all(const reduce::Settings& settings,
                                     const std::vector<reduce::Plan>& plans)
{
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  const auto count = static_cast<std::int64_t>(plans.size());
  miniapp::Progress progress{"reduce", count, rank == 0, "runs"};
  reduce::Laboratory simulated{settings.system, settings.warmup};
  reduce::Laboratory judged{settings.system, settings.warmup};
  const reduce::Bench bench{&simulated, &judged, !miniapp::ml_ranks_beside()};
  std::vector<reduce::Episode> episodes;
  for (std::int64_t i = 0; i < count; ++i) {
    const reduce::Plan& plan = plans[static_cast<std::size_t>(i)];
    auto episode = reduce::run_episode(plan, bench);
    if (!episode) continue;
    progress.step(i + 1, fmt::format("{}, {}, eps {:g}: ratio {:.1f}", plan.kind, plan.encoder,
                                     plan.eps, episode->ratio()));
    episodes.push_back(std::move(*episode));
  }
  return episodes;
}

/// What is to be run; what is wrong with it is so on all ranks.
std::vector<reduce::Plan> prepare(const reduce::Options& options, reduce::Settings& settings)
{
  try {
    settings = reduce::read_settings(options);
    auto plans = reduce::make_plans(settings, options.report, options.command.out);
    reduce::check_launch(plans);
    return plans;
  } catch (const cardan::Error& error) {
    throw cardan::Error::everywhere(error.what());
  }
}

void reduce_all(const reduce::Options& options, bool& draws)
{
  reduce::Results results;
  results.report = options.report;
  const auto plans = prepare(options, results.settings);
  miniapp::prepare_folder(MPI_COMM_WORLD, options.command.out);
  reduce::write_run_files(results.settings, plans, options.command.run_file);
  const double begin = MPI_Wtime();
  results.episodes = run_all(results.settings, plans);
  results.wall_seconds = MPI_Wtime() - begin;
  if (results.episodes.empty()) return;
  reduce::report(results, options.command.out);
  draws = !options.no_pictures;
}

}  // namespace

int main(int argc, char** argv)
{
  reduce::Options options;
  CLI::App app{
      "Fields of a simulation that are encoded where they are made and arrive within a bound: "
      "bits\n"
      "against error, seconds beside the solver's, and what happens when the physics changes.\n"
      "  mpirun -n 3 reduce --out out/reduce miniapps/reduce/reduce.toml"};
  reduce::add_options(app, options);
  const auto run = [&](bool& draws) {
    reduce_all(options, draws);
    return 0;
  };
  return miniapp::run_program(argc, argv, app, options.command, {"reduce", "draw-reduce", run});
}
