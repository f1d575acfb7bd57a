// A library of microstructures that is screened for those that conduct best: a learned guess,
// coarse solves, fine ones that bracket the truth; how many of the best are found, and at which
// cost.
//   mpirun -n 2 funnel --out out/funnel funnel.toml

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

#include <cstdint>
#include <vector>

namespace {

void run_all(funnel::Results& results, const std::vector<funnel::Plan>& plans)
{
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  const auto count = static_cast<std::int64_t>(plans.size());
  miniapp::Progress progress{"funnel", count, rank == 0, "runs"};
  // Runs of one seed share its truth.
  std::optional<funnel::Truth> truth;
  for (std::int64_t i = 0; i < count; ++i) {
    const funnel::Plan& plan = plans[static_cast<std::size_t>(i)];
    if (i > 0 && plans[static_cast<std::size_t>(i - 1)].seed != plan.seed) truth.reset();
    auto episode = funnel::run_episode(plan, results.settings, truth);
    if (!episode) continue;
    results.outcomes.push_back(funnel::outcome_of(*episode, results.settings));
    const funnel::Outcome& outcome = results.outcomes.back();
    progress.step(i + 1,
                  fmt::format("{}, seed {}: recall {:.3f} at {:.1f} % of the cost", plan.kind,
                              plan.seed, outcome.recall, 100 * outcome.cost_fraction));
    results.episodes.push_back(std::move(*episode));
  }
}

/// What is to be run; what is wrong with it is so on all ranks.
std::vector<funnel::Plan> prepare(const funnel::Options& options, funnel::Settings& settings)
{
  try {
    settings = funnel::read_settings(options);
    auto plans = funnel::make_plans(settings, options.report, options.command.out);
    funnel::check_launch(plans);
    return plans;
  } catch (const cardan::Error& error) {
    throw cardan::Error::everywhere(error.what());
  }
}

void funnel_all(const funnel::Options& options, bool& draws)
{
  funnel::Results results;
  results.report = options.report;
  const auto plans = prepare(options, results.settings);
  miniapp::prepare_folder(MPI_COMM_WORLD, options.command.out);
  funnel::write_run_files(results.settings, plans, options.command.run_file);
  const double begin = MPI_Wtime();
  run_all(results, plans);
  results.wall_seconds = MPI_Wtime() - begin;
  if (results.episodes.empty()) return;
  funnel::report(results, options.command.out);
  draws = !options.no_pictures;
}

}  // namespace

int main(int argc, char** argv)
{
  funnel::Options options;
  CLI::App app{
      "Periodic two-phase microstructures, screened for the highest effective conductivity: a\n"
      "network's guess, coarse solves, and fine ones from both sides, on ranks that move between\n"
      "them; how many of the best are found, and at which share of the cost of solving all.\n"
      "  mpirun -n 2 funnel --out out/funnel miniapps/funnel/funnel.toml"};
  funnel::add_options(app, options);
  const auto run = [&](bool& draws) {
    funnel_all(options, draws);
    return 0;
  };
  return miniapp::run_program(argc, argv, app, options.command, {"funnel", "draw-funnel", run});
}
