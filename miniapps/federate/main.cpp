// Silos that simulate in different regimes and learn one model together without showing each other
// their data, beside such that learn alone, and one that has all the data.
//   mpirun -n 4 federate --out out/federate federate.toml
//   mpirun -n 3 federate --method fedavg federate.toml : -n 1 cardan-ml federate.toml

#include "experiment.hpp"
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
#include <algorithm>

namespace {

/// How many ranks simulate where ML ranks were not launched beside, the same on all; each of them
/// is a silo.
int count_silos(const federate::Options& options, const federate::Settings& settings)
{
  cardan::SessionOptions session_options;
  session_options.folder = options.command.out;
  cardan::Session session{MPI_COMM_WORLD, options.command.run_file, session_options};
  const auto& places = session.rank_map();
  const auto silos = static_cast<int>(std::count_if(
      places.begin(), places.end(), [](const auto& p) { return p.role == "simulation"; }));
  const bool aggregates = silos < static_cast<int>(places.size());
  if (session.serves()) static_cast<void>(session.serve());
  for (const auto& method : settings.methods)
    if (!aggregates && method != "alone" && method != "pooled")
      throw cardan::Error::everywhere(
          options.command.run_file +
          ": no rank aggregates (ml = 0 in [ranks], or one rank alone). Start two ranks or more, "
          "or give --method alone.");
  return silos;
}

/// Runs them one after the other; outcomes on rank 0 only.
std::vector<federate::Outcome> run_all(const std::vector<federate::Plan>& plans,
                                       federate::World& world, const char* what)
{
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  std::vector<federate::Outcome> outcomes;
  std::int64_t rounds = 0;
  for (const auto& plan : plans) rounds += plan.rounds;
  if (rounds == 0) return outcomes;
  miniapp::Progress progress{what, rounds, rank == 0, "rounds"};
  std::int64_t done = 0;
  for (const auto& plan : plans) {
    auto outcome = federate::run_plan(plan, world, [&](std::int64_t round, double loss) {
      progress.step(std::min(done + round + 1, rounds),
                    fmt::format("{}: held-out loss {:.4g}", plan.name, loss));
    });
    done += plan.rounds;
    if (outcome) outcomes.push_back(std::move(*outcome));
  }
  return outcomes;
}

/// Chooses on the rank that has the outcomes; all have to know.
void choose_together(const std::vector<federate::Outcome>& swept, federate::Settings& settings)
{
  federate::choose(swept, settings);
  MPI_Bcast(&settings.local_steps, 1, MPI_INT64_T, 0, MPI_COMM_WORLD);
  MPI_Bcast(&settings.rate, 1, MPI_DOUBLE, 0, MPI_COMM_WORLD);
  MPI_Bcast(&settings.mu, 1, MPI_DOUBLE, 0, MPI_COMM_WORLD);
}

void solve_exactly(federate::World& world, federate::Results& results)
{
  std::vector<federate::Samples> silos;
  federate::Samples all;
  for (int silo = 0; silo < results.silos; ++silo) {
    silos.push_back(world.samples(silo, federate::Part::training));
    all.append(silos.back());
  }
  results.fixed_point =
      federate::fixed_point(silos, results.settings.rate, results.settings.local_steps);
  results.pooled = federate::least_squares(all);
}

void federate_all(const federate::Options& options, bool& draws)
{
  federate::Results results;
  try {
    results.settings = federate::read_settings(options);
    federate::check_launch(results.settings);
  } catch (const cardan::Error& error) {
    throw cardan::Error::everywhere(error.what());
  }
  federate::Settings& settings = results.settings;
  const std::string& out = options.command.out;
  miniapp::prepare_folder(MPI_COMM_WORLD, out);
  const double begin = MPI_Wtime();
  federate::World world{settings.problem, static_cast<std::uint64_t>(settings.seed)};
  if (!miniapp::ml_ranks_beside()) world.open(count_silos(options, settings));
  const auto run = [&](std::vector<federate::Plan> plans, const char* what) {
    for (auto& plan : plans) plan.silos = world.silos();
    federate::write_run_files(plans, options.command.run_file);
    return run_all(plans, world, what);
  };
  if (settings.sweep) {
    results.swept = run(federate::sweep_plans(settings, out), "choosing");
    choose_together(results.swept, settings);
    auto proximal = run(federate::proximal_plans(settings, out), "choosing mu");
    for (auto& outcome : proximal) results.swept.push_back(std::move(outcome));
    choose_together(results.swept, settings);
  }
  results.compared = run(federate::make_plans(settings, out), "federate");
  results.wall_seconds = MPI_Wtime() - begin;
  if (results.compared.empty()) return;
  results.silos = world.silos();
  for (int silo = 0; silo < results.silos; ++silo)
    results.regimes.push_back(world.problem().regime(silo));
  if (settings.problem == "quadratic") solve_exactly(world, results);
  federate::report(results, out);
  draws = !options.no_pictures;
}

}  // namespace

int main(int argc, char** argv)
{
  federate::Options options;
  CLI::App app{
      "Silos that learn one model together and keep their data: federated averaging and its\n"
      "relatives, compared with silos that learn alone and with one that has all the data.\n"
      "  mpirun -n 4 federate --out out/federate miniapps/federate/federate.toml"};
  federate::add_options(app, options);
  const auto run = [&](bool& draws) {
    federate_all(options, draws);
    return 0;
  };
  return miniapp::run_program(argc, argv, app, options.command,
                              {"federate", "report-federate", run});
}
