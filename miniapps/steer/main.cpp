// An ensemble of simulations that a learned model sends where they have not been, beside walkers
// that nobody steers and such that are steered without a network.
//   mpirun -n 3 steer --out out/steer steer.toml
//   mpirun -n 2 steer --method novelty steer.toml : -n 1 cardan-ml steer.toml

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

#include <unistd.h>
#include <stdexcept>

namespace {

/// Throws what is wrong with the system before any session opens.
void check_system(const steer::SystemSettings& settings)
{
  try {
    static_cast<void>(steer::make_system(settings));
  } catch (const std::invalid_argument& problem) {
    throw cardan::Error{problem.what()};
  }
}

std::vector<steer::Episode> run_all(const std::vector<steer::Plan>& plans)
{
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  const auto count = static_cast<std::int64_t>(plans.size());
  miniapp::Progress progress{"steer", count, rank == 0, "runs"};
  const bool terminal = isatty(STDERR_FILENO) != 0;
  std::vector<steer::Episode> episodes;
  for (std::int64_t i = 0; i < count; ++i) {
    const steer::Plan& plan = plans[static_cast<std::size_t>(i)];
    const std::string what =
        fmt::format("{}, kT = {}, seed {}", plan.method, plan.system.temperature, plan.seed);
    auto episode = steer::run_episode(plan, [&](int found, int states, double time) {
      if (terminal)
        progress.step(i, fmt::format("{}: {}/{} states at {:.4g}", what, found, states, time));
    });
    if (episode) {
      progress.step(i + 1,
                    fmt::format("{}: {}/{} states at {:.4g}", what, episode->sums.found.size(),
                                episode->states.size(), episode->sums.time));
      episodes.push_back(std::move(*episode));
    }
  }
  return episodes;
}

/// What is to be run; what is wrong with it is so on all ranks.
std::vector<steer::Plan> prepare(const steer::Options& options, steer::Settings& settings)
{
  try {
    settings = steer::read_settings(options);
    auto plans = steer::make_plans(settings, options.report, options.command.out);
    steer::check_launch(plans);
    check_system(settings.system);
    return plans;
  } catch (const cardan::Error& error) {
    throw cardan::Error::everywhere(error.what());
  }
}

void steer_all(const steer::Options& options, bool& draws)
{
  steer::Results results;
  results.report = options.report;
  const auto plans = prepare(options, results.settings);
  miniapp::prepare_folder(MPI_COMM_WORLD, options.command.out);
  steer::write_run_files(results.settings, plans, options.report, options.command.run_file,
                         options.command.out);
  const double begin = MPI_Wtime();
  results.episodes = run_all(plans);
  results.wall_seconds = MPI_Wtime() - begin;
  if (results.episodes.empty()) return;
  steer::report(results, options.command.out);
  draws = !options.no_pictures;
}

}  // namespace

int main(int argc, char** argv)
{
  steer::Options options;
  CLI::App app{
      "Walkers in a rugged landscape that a model, trained in the run, sends where they have not\n"
      "been; compared with independent walkers, random restarts, and novelty without a network.\n"
      "  mpirun -n 3 steer --out out/steer miniapps/steer/steer.toml"};
  steer::add_options(app, options);
  const auto run = [&](bool& draws) {
    if (options.check) return steer::check(options);
    steer_all(options, draws);
    return 0;
  };
  return miniapp::run_program(argc, argv, app, options.command, {"steer", "draw-steer", run});
}
