#include "episode.hpp"

#include "options.hpp"
#include "stream.hpp"

#include <cardan/error.hpp>

#include <numeric>
#include <stdexcept>

namespace reduce {

namespace {

double sum(const std::vector<double>& values)
{
  return std::accumulate(values.begin(), values.end(), 0.0);
}

/// Of all ranks, on all.
void reduce_over(MPI_Comm comm, std::vector<double>& values, MPI_Op how)
{
  MPI_Allreduce(MPI_IN_PLACE, values.data(), static_cast<int>(values.size()), MPI_DOUBLE, how,
                comm);
}

void join(MPI_Comm comm, Episode& episode)
{
  for (auto* values : {&episode.raw, &episode.moved, &episode.latent, &episode.residual})
    reduce_over(comm, *values, MPI_SUM);
  for (auto* values : {&episode.solving, &episode.putting, &episode.waiting})
    reduce_over(comm, *values, MPI_MAX);
  for (double* value : {&episode.learning, &episode.max_error, &episode.max_error_over_bound})
    MPI_Allreduce(MPI_IN_PLACE, value, 1, MPI_DOUBLE, MPI_MAX, comm);
  MPI_Allreduce(MPI_IN_PLACE, &episode.exceptions, 1, MPI_INT64_T, MPI_SUM, comm);
  MPI_Allreduce(MPI_IN_PLACE, &episode.encoders, 1, MPI_INT64_T, MPI_MAX, comm);
}

/// The whole grid's fields, on all ranks; each adds its own to zeros.
void collect(MPI_Comm comm, const System& system, Episode& episode)
{
  const View view = system.view();
  const Part& part = system.part();
  const Cells& global = part.global;
  episode.cells = global;
  episode.numbers = view.components * global[0] * global[1] * global[2];
  episode.fields.assign(static_cast<std::size_t>(episode.numbers), 0.0);
  const auto own = dense(view, part);
  auto from = own.begin();
  for (int c = 0; c < view.components; ++c)
    for (std::int64_t z = 0; z < part.count[0]; ++z)
      for (std::int64_t y = 0; y < part.count[1]; ++y, from += part.count[2]) {
        const std::int64_t row =
            (c * global[0] + part.offset[0] + z) * global[1] + part.offset[1] + y;
        std::copy_n(from, part.count[2], episode.fields.begin() + row * global[2] + part.offset[2]);
      }
  reduce_over(comm, episode.fields, MPI_SUM);
}

/// What is wrong with the system is so on all ranks.
System& prepared(MPI_Comm comm, const Bench& bench)
{
  try {
    return bench.simulated->prepared(comm);
  } catch (const std::invalid_argument& problem) {
    throw cardan::Error::everywhere(problem.what());
  }
}

Episode simulate(cardan::Session& session, const Plan& plan, const Bench& bench)
{
  const MPI_Comm comm = session.comm();
  Episode episode;
  episode.plan = plan;
  if (session.ml_ranks() == 0)
    throw cardan::Error::everywhere(
        plan.run_file +
        ": no rank receives (ml = 0 in [ranks], or one rank alone). Start two ranks or more.");
  System& system = prepared(comm, bench);
  Stream stream{session, plan, system};
  stream.learn(episode);
  stream.measure(episode);
  join(comm, episode);
  collect(comm, system, episode);
  episode.ml_ranks = session.ml_ranks();
  MPI_Comm_size(comm, &episode.simulation_ranks);
  episode.ml_library = session.ml_library();
  return episode;
}

std::optional<Episode> carry_out(const Plan& plan, const Bench& bench, Tally& tally)
{
  if (bench.alone && plan.judged) register_judge(plan, *bench.judged, tally);
  cardan::SessionOptions options;
  options.seed = plan.seed;
  options.folder = plan.folder;
  cardan::Session session{MPI_COMM_WORLD, plan.run_file, options};
  ask_settings(session.config("reduce"));
  if (!session.serves()) return simulate(session, plan, bench);
  if (session.serve() != 0) throw cardan::Error::everywhere("the simulation ended with an error");
  return std::nullopt;
}

}  // namespace

double Episode::raw_bytes() const
{
  return sum(raw);
}

double Episode::moved_bytes() const
{
  return sum(moved);
}

double Episode::latent_share() const
{
  return sum(latent) / moved_bytes();
}

std::optional<Episode> run_episode(const Plan& plan, const Bench& bench)
{
  Tally tally;
  auto episode = carry_out(plan, bench, tally);
  if (bench.alone) tally = together(MPI_COMM_WORLD, tally);
  if (episode) episode->judged = tally;
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  if (rank != 0) return std::nullopt;
  return episode;
}

}  // namespace reduce
