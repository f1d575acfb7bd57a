#include "coupled.hpp"

#include "support/progress.hpp"

#include <cardan/field.hpp>

#include <fmt/format.h>

#include <cmath>
#include <limits>

namespace inner {

namespace {

// Kinetics of one step with the model's help; gives how many cells the solver did.
cardan::Answer react(Reactor& reactor, cardan::Surrogate& kinetics)
{
  const auto cells = static_cast<std::int64_t>(reactor.cells());
  const cardan::Field state{reactor.state(), {cells, species}};
  const cardan::Field advanced{reactor.advanced(), {cells, species}};
  const auto answer = kinetics.predict({{"state", state}}, {{"advanced", advanced}});
  for (const auto cell : answer.untrusted()) reactor.react(static_cast<std::size_t>(cell));
  kinetics.observe({{"state", state}}, {{"advanced", advanced}}, answer.untrusted());
  return answer;
}

}  // namespace

History simulate(cardan::Session& session, Reactor& reactor, std::int64_t steps,
                 std::optional<cardan::Surrogate>& surrogate)
{
  int rank = 0;
  MPI_Comm_rank(session.comm(), &rank);
  const double dt = reactor.settings().dt;
  const double mass = reactor.mass();
  const auto cells = static_cast<std::int64_t>(reactor.cells());
  const double none = std::numeric_limits<double>::quiet_NaN();
  History history;
  miniapp::Progress progress{surrogate ? "coupled" : "solver only", steps, rank == 0};
  cardan::Counters before;
  MPI_Barrier(session.comm());
  const double begin = MPI_Wtime();

  for (const auto step : session.steps(steps)) {
    if (history.asked.empty()) history.first = step;
    reactor.diffuse(dt / 2);
    const long integrated = reactor.kinetics().cells();
    const double start = MPI_Wtime();
    cardan::Stamp stamp{0, 0, none, none, 0};
    std::int64_t trusted = 0;
    if (surrogate) {
      const auto answer = react(reactor, *surrogate);
      stamp = answer.stamp();
      trusted = cells - static_cast<std::int64_t>(answer.untrusted().size());
    } else {
      reactor.react();
    }
    history.chemistry_seconds.push_back(MPI_Wtime() - start);
    reactor.accept();
    reactor.diffuse(dt / 2);

    const std::int64_t solved = reactor.kinetics().cells() - integrated;
    history.all_solved = history.all_solved && trusted + solved == cells;
    history.asked.push_back(surrogate ? cells : 0);
    history.trusted.push_back(trusted);
    history.solved.push_back(solved);
    const std::int64_t late = surrogate ? surrogate->counters().late : 0;
    history.late.push_back(late - before.late);
    before.late = late;
    history.model_version.push_back(stamp.version);
    history.weights_age_steps.push_back(stamp.age_steps);
    history.loss.push_back(stamp.loss);
    history.validation_loss.push_back(stamp.validation_loss);
    progress.step(step + 1, surrogate ? fmt::format("trusted {:5.1f} %  model version {}",
                                                    100.0 * static_cast<double>(trusted) /
                                                        static_cast<double>(cells),
                                                    stamp.version)
                                      : "");
  }
  MPI_Barrier(session.comm());
  history.wall_seconds = MPI_Wtime() - begin;
  if (surrogate) history.counters = surrogate->counters();
  history.mass_drift = std::abs(reactor.mass() - mass) / mass;
  history.join(session.comm());
  return history;
}

}  // namespace inner
