// Many trainings of one surrogate, of which a scheduler goes on with those that do well, beside
// random search; and a genetic search whose mutations a model proposes that is trained in the run.
//   mpirun -n 2 adapt --out out/adapt adapt.toml
//   mpirun -n 1 adapt --task burgers --method asha adapt.toml : -n 1 cardan-ml adapt.toml

#include "episode.hpp"
#include "options.hpp"
#include "plans.hpp"
#include "report.hpp"
#include "spin.hpp"

#include "support/command.hpp"
#include "support/program.hpp"
#include "support/progress.hpp"

#include <cardan/cardan.hpp>

#include <fmt/format.h>
#include <mpi.h>

#include <algorithm>
#include <cmath>

namespace {

bool has_spin(const adapt::Settings& settings)
{
  return std::find(settings.tasks.begin(), settings.tasks.end(), "spin") != settings.tasks.end();
}

std::vector<adapt::Episode> run_all(const adapt::Settings& settings,
                                    const std::vector<adapt::Plan>& plans)
{
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  const auto count = static_cast<std::int64_t>(plans.size());
  miniapp::Progress progress{"adapt", count, rank == 0, "runs"};
  std::vector<adapt::Episode> episodes;
  episodes.reserve(plans.size());
  for (std::int64_t i = 0; i < count; ++i) {
    const adapt::Plan& plan = plans[static_cast<std::size_t>(i)];
    auto episode = adapt::run_episode(settings, plan);
    if (!episode) continue;
    progress.step(
        i + 1,
        fmt::format("{}, {}, seed {}: {:.3g} after {} epochs", plan.task, plan.method, plan.seed,
                    adapt::regret_of(*episode).value_or(NAN), episode->report.total_epochs));
    episodes.push_back(std::move(*episode));
  }
  return episodes;
}

adapt::SpinRequest spin_request(const adapt::Options& options, const adapt::Settings& settings)
{
  adapt::SpinRequest request;
  request.run_file = options.command.run_file;
  request.folder = options.command.out;
  request.seeds = options.seeds;
  request.first_seed = settings.seeds.front();
  request.without_ml = options.no_ml;
  return request;
}

/// What is to be run; what is wrong with it is so on all ranks.
std::vector<adapt::Plan> prepare(const adapt::Options& options, adapt::Settings& settings)
{
  try {
    settings = adapt::read_settings(options);
    auto plans = adapt::make_plans(settings, options.command.out);
    adapt::check_launch(settings, plans);
    if (has_spin(settings)) adapt::check_spin(spin_request(options, settings));
    return plans;
  } catch (const cardan::Error& error) {
    throw cardan::Error::everywhere(error.what());
  }
}

void adapt_all(const adapt::Options& options, bool& draws)
{
  adapt::Results results;
  const auto plans = prepare(options, results.settings);
  miniapp::prepare_folder(MPI_COMM_WORLD, options.command.out);
  adapt::write_run_files(results.settings, options.command.run_file, options.command.out);
  // The other ranks may open them now.
  MPI_Barrier(MPI_COMM_WORLD);
  const double begin = MPI_Wtime();
  results.episodes = run_all(results.settings, plans);
  if (has_spin(results.settings))
    results.spin = adapt::run_spin(spin_request(options, results.settings));
  results.wall_seconds = MPI_Wtime() - begin;
  if (results.episodes.empty() && results.spin.is_null()) return;
  adapt::report(results, options.command.out);
  draws = !options.no_pictures;
}

}  // namespace

int main(int argc, char** argv)
{
  adapt::Options options;
  CLI::App app{
      "Trainings that a scheduler begins, promotes, stops and clones while they run, on ranks "
      "that\n"
      "simulate or train as it is needed; asynchronous halving beside random search.\n"
      "  mpirun -n 2 adapt --out out/adapt miniapps/adapt/adapt.toml"};
  adapt::add_options(app, options);
  const auto run = [&](bool& draws) {
    adapt_all(options, draws);
    return 0;
  };
  return miniapp::run_program(argc, argv, app, options.command, {"adapt", "draw-adapt", run});
}
