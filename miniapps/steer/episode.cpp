#include "episode.hpp"

#include "gather.hpp"
#include "options.hpp"
#include "walkers.hpp"

#include <cardan/error.hpp>

#include <cmath>

namespace steer {

namespace {

bool waits_for_rounds(cardan::Session& session, const std::string& table)
{
  return session.config("ensemble").table(table).get<bool>("barrier", false);
}

cardan::EnsembleCounters summed(MPI_Comm comm, const cardan::EnsembleCounters& mine)
{
  cardan::EnsembleCounters all = mine;
  for (std::int64_t* number :
       {&all.segments, &all.frames, &all.dropped, &all.continued, &all.restarted, &all.stopped,
        &all.late, &all.missing, &all.superseded, &all.failures})
    MPI_Allreduce(MPI_IN_PLACE, number, 1, MPI_INT64_T, MPI_SUM, comm);
  MPI_Allreduce(MPI_IN_PLACE, &all.simulated_time, 1, MPI_DOUBLE, MPI_SUM, comm);
  return all;
}

/// Decisions that members of this rank have followed.
struct Followed {
  std::vector<std::int64_t> ages;
  std::vector<RestartNote> restarts;

  void see(const cardan::MemberDecision& decision, bool keeps)
  {
    ages.push_back(decision.segment - decision.made_from);
    if (keeps && decision.action == cardan::MemberDecision::Action::restart)
      restarts.push_back({decision.member, decision.segment, decision.from_member,
                          decision.from_segment, decision.version});
  }
};

void add_latencies(MPI_Comm comm, const cardan::Ensemble& ensemble, Episode& episode)
{
  std::vector<double> latency;
  std::vector<double> work;
  for (const auto& one : ensemble.latencies()) {
    if (!std::isfinite(one.latency) || !std::isfinite(one.work)) continue;
    latency.push_back(one.latency);
    work.push_back(one.work);
  }
  episode.latency = gathered(comm, latency);
  episode.work = gathered(comm, work);
}

/// With rounds collective: the same answer on all ranks.
bool time_is_up(const Plan& plan, MPI_Comm comm, bool rounds, double seconds)
{
  if (!(plan.seconds > 0)) return false;
  int over = seconds >= plan.seconds ? 1 : 0;
  if (rounds) MPI_Allreduce(MPI_IN_PLACE, &over, 1, MPI_INT, MPI_MAX, comm);
  return over != 0;
}

Episode simulate(cardan::Session& session, const Plan& plan, const Told& told)
{
  const MPI_Comm comm = session.comm();
  int rank = 0;
  MPI_Comm_rank(comm, &rank);
  const auto system = make_system(plan.system);
  Episode episode;
  episode.plan = plan;
  const bool hopping = plan.hops > 0;
  episode.states = hopping ? std::vector<std::string>{"lowest minimum"} : system->states();
  episode.barrier = waits_for_rounds(session, plan.table);
  if (session.ml_ranks() == 0 && !plan.without_ml)
    throw cardan::Error::everywhere(
        plan.run_file +
        ": no rank decides (ml = 0 in [ranks], or one rank alone). Start two ranks "
        "or more, or give --no-ml for independent walkers.");
  cardan::Ensemble ensemble =
      session.ensemble(plan.table, {system->descriptor_size(), system->state_size()});
  episode.members = ensemble.size();
  episode.ml_ranks = session.ml_ranks();
  MPI_Comm_size(comm, &episode.simulation_ranks);

  const int states = static_cast<int>(episode.states.size());
  Watch watch{comm, states, episode.barrier};
  Walkers walkers{plan, *system, ensemble, watch, static_cast<std::uint64_t>(session.seed())};
  Followed followed;
  ensemble.on_decision(
      [&](const cardan::MemberDecision& decision) { followed.see(decision, plan.keeps_frames); });
  const double piece = hopping ? static_cast<double>(plan.hops) : plan.segment;
  cardan::EnsembleRun run;
  run.segments = std::max<std::int64_t>(1, std::llround(plan.budget / (piece * ensemble.size())));
  run.until = [&](std::int64_t) {
    const bool goes_on = watch.go_on() || !plan.to_coverage;
    if (rank == 0 && told) told(watch.found(), states, watch.time());
    return goes_on && !time_is_up(plan, comm, episode.barrier, watch.seconds());
  };
  ensemble.run(walkers.physics(), run);

  episode.sums = watch.finish();
  if (episode.sums.found.size() == episode.states.size()) {
    episode.coverage_time = episode.sums.found.back().time;
    episode.coverage_seconds = episode.sums.found.back().wall;
  }
  if (!hopping) episode.equilibrium = system->equilibrium();
  walkers.report(comm, episode);
  episode.counters = summed(comm, ensemble.counters());
  add_latencies(comm, ensemble, episode);
  episode.ages = gathered(comm, followed.ages);
  episode.restarts = gathered(comm, followed.restarts);
  episode.ml_library = session.ml_library();
  return episode;
}

}  // namespace

std::optional<Episode> run_episode(const Plan& plan, const Told& told)
{
  cardan::SessionOptions options;
  options.seed = plan.seed;
  options.without_ml = plan.without_ml;
  options.folder = plan.folder;
  cardan::Session session{MPI_COMM_WORLD, plan.run_file, options};
  ask_settings(session.config("steer"));
  if (session.serves()) {
    if (session.serve() != 0) throw cardan::Error::everywhere("the simulation ended with an error");
    return std::nullopt;
  }
  Episode episode = simulate(session, plan, told);
  int rank = 0;
  MPI_Comm_rank(session.comm(), &rank);
  if (rank != 0) return std::nullopt;
  return episode;
}

}  // namespace steer
