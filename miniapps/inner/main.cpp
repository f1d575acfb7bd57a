// The flagship: a reaction-diffusion simulation whose stiff kinetics a model learns to replace
// while it runs.
//   mpirun -n 3 inner --compare --out out/inner inner.toml
//   mpirun -n 2 inner --compare inner.toml : -n 1 cardan-ml inner.toml

#include "coupled.hpp"
#include "fields.hpp"
#include "report.hpp"

#include "support/command.hpp"
#include "support/draw.hpp"

#include <cardan/cardan.hpp>

#include <mpi.h>

namespace {

struct Options {
  miniapp::Command command;
  inner::Overrides overrides;
  bool compare = false;
  bool no_ml = false;
  bool no_pictures = false;
};

/// `kept`: whether it is the coupled run that checkpoints are of.
inner::Run run_once(cardan::Session& session, const inner::Problem& problem, bool coupled,
                    bool kept, inner::Reactor& reactor)
{
  // With --compare the coupled run is the one that is kept: the other is as fast to repeat.
  const bool restored = coupled == kept && session.protect("state", inner::state_field(reactor),
                                                           {"y x species", "mole fraction"});
  if (!restored)
    inner::set_initial_state(session.comm(), reactor, problem,
                             static_cast<std::uint64_t>(session.seed()));
  std::optional<cardan::Surrogate> surrogate;
  if (coupled) surrogate = session.surrogate("kinetics");
  inner::History history = inner::simulate(session, reactor, problem.steps, surrogate);
  if (!history.all_solved)
    throw cardan::Error::everywhere("a cell was neither answered by the model nor solved");
  return {std::move(history), {reactor.state().begin(), reactor.state().end()}};
}

void run(cardan::Session& session, const Options& options)
{
  miniapp::prepare_folder(session.comm(), options.command.out);
  const inner::Problem problem = inner::read_problem(session.config("inner"), options.overrides);
  inner::Reactor reactor{session.comm(), problem.settings};
  inner::Results results;
  if (options.no_ml || options.compare)
    results.solver = run_once(session, problem, false, !options.no_ml, reactor);
  if (!options.no_ml) results.coupled = run_once(session, problem, true, true, reactor);
  if (session.stopping()) return;  // what it was to do is done after a restart
  inner::report(session, reactor, problem, results, options.command.out);
}

}  // namespace

int main(int argc, char** argv)
{
  int provided = 0;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
  Options options;
  CLI::App app{
      "2-D reaction-diffusion with Robertson kinetics; a model learns one step of the kinetics "
      "while the\n"
      "simulation runs, and answers for the cells that it is trusted with.\n"
      "  mpirun -n 3 inner --compare --out out/inner miniapps/inner/inner.toml"};
  miniapp::add_shared_options(app, options.command);
  miniapp::add_restart_option(app, options.command);
  miniapp::add_replay_option(app, options.command);
  app.add_option("--grid", options.overrides.grid,
                 "Cells along each axis; takes the place of nx and ny");
  app.add_option("--steps", options.overrides.steps, "Steps; takes the place of [inner] steps");
  app.add_option(
      "--initial", options.overrides.initial,
      "Initial fields: homogeneous, blobs, or an HDF5 file with an array state (ny, nx, 3)");
  const auto* compare =
      app.add_flag("--compare", options.compare, "Run the solver alone first, and compare");
  app.add_flag("--no-ml", options.no_ml, "Run the solver alone, without ML ranks")
      ->excludes(const_cast<CLI::Option*>(compare));
  app.add_flag("--no-pictures", options.no_pictures, "Do not draw PNG files at the end");
  if (const auto status = miniapp::parse(app, argc, argv)) {
    MPI_Finalize();
    return *status;
  }
  bool draws = false;
  cardan::SessionOptions session_options;
  session_options.seed = options.command.seed;
  session_options.without_ml = options.no_ml;
  session_options.folder = options.command.out;
  session_options.restart = options.command.restart;
  session_options.replay = options.command.replay;
  int status =
      cardan::run(options.command.run_file, session_options, [&](cardan::Session& session) {
        int rank = 0;
        MPI_Comm_rank(session.comm(), &rank);
        run(session, options);
        draws = rank == 0 && !options.no_pictures;
      });
  MPI_Finalize();
  if (status == 0 && draws) miniapp::draw("draw-inner", options.command.out);
  return status;
}
