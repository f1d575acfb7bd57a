// Stiffnesses of a membrane from where it hangs: chains whose proposals a network looks at first,
// beside walks without one; or a stiffness for a wanted field.
//   mpirun -n 2 invert --out out/invert miniapps/invert/invert.toml
//   mpirun -n 2 invert --mode design --out out/design miniapps/invert/invert.toml

#include "episode.hpp"
#include "options.hpp"
#include "plans.hpp"
#include "report.hpp"
#include "verification.hpp"

#include "support/command.hpp"
#include "support/program.hpp"
#include "support/progress.hpp"

#include <cardan/cardan.hpp>

#include <fmt/format.h>
#include <mpi.h>

namespace {

std::vector<invert::Episode> run_all(const invert::Settings& settings,
                                     const std::vector<invert::Plan>& plans)
{
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  const auto count = static_cast<std::int64_t>(plans.size());
  miniapp::Progress progress{"invert", count, rank == 0, "runs"};
  std::vector<invert::Episode> episodes;
  for (std::int64_t i = 0; i < count; ++i) {
    auto episode = invert::run_episode(plans[static_cast<std::size_t>(i)], settings);
    if (!episode) continue;
    progress.step(i + 1, fmt::format("{}: {} solves in {:.1f} s", episode->plan.method,
                                     episode->report.solves, episode->seconds));
    episodes.push_back(std::move(*episode));
  }
  return episodes;
}

/// What is to be run; what is wrong with it is so on all ranks.
std::vector<invert::Plan> prepare(const invert::Options& options, invert::Settings& settings)
{
  try {
    settings = invert::read_settings(options);
    return invert::make_plans(settings, options);
  } catch (const cardan::Error& error) {
    throw cardan::Error::everywhere(error.what());
  }
}

void run(const invert::Options& options, bool& draws)
{
  invert::Results results;
  const auto plans = prepare(options, results.settings);
  miniapp::prepare_folder(MPI_COMM_WORLD, options.command.out);
  invert::write_run_files(plans, options.command.run_file);
  MPI_Barrier(MPI_COMM_WORLD);
  const double begin = MPI_Wtime();
  results.episodes = run_all(results.settings, plans);
  results.wall_seconds = MPI_Wtime() - begin;
  if (results.episodes.empty()) return;
  results.log_likelihood_at_one = invert::log_likelihood_at_one(invert::published_data());
  invert::report(results, options.command.out);
  draws = !options.no_pictures;
}

/// On the first rank; the others have nothing to say.
int check()
{
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  if (rank != 0) return 0;
  fmt::print("{:<36} {:>16} {:>16} {:>10}\n", "", "value", "reference", "allowed");
  const bool good = invert::verify([](const invert::Check& one) {
    fmt::print("{:<36} {:>16.9g} {:>16.9g} {:>10.1e}{}\n", one.name, one.value, one.reference,
               one.tolerance, one.passes() ? "" : "  OFF");
  });
  return good ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv)
{
  invert::Options options;
  CLI::App app{
      "64 stiffnesses of a membrane from 169 measured values: chains whose proposals a network\n"
      "looks at before a solve decides, beside walks without one; or a stiffness for a wanted "
      "field.\n"
      "  mpirun -n 2 invert --out out/invert miniapps/invert/invert.toml"};
  invert::add_options(app, options);
  const auto work = [&](bool& draws) {
    if (options.check) return check();
    run(options, draws);
    return 0;
  };
  return miniapp::run_program(argc, argv, app, options.command, {"invert", "draw-invert", work});
}
