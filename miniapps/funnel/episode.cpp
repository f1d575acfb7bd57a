#include "episode.hpp"

#include "screening.hpp"

#include "support/program.hpp"

#include <cardan/cardan.hpp>

#include <algorithm>
#include <filesystem>

namespace funnel {

namespace {

/// Of all ranks, on rank 0; times from the begin on.
std::vector<Piece> gather(MPI_Comm comm, std::vector<Piece> own, double begin)
{
  int rank = 0;
  int ranks = 1;
  MPI_Comm_rank(comm, &rank);
  MPI_Comm_size(comm, &ranks);
  for (Piece& piece : own) {
    piece.begin -= begin;
    piece.end -= begin;
    piece.rank = rank;
  }
  const int bytes = static_cast<int>(own.size() * sizeof(Piece));
  std::vector<int> counts(static_cast<std::size_t>(ranks));
  MPI_Gather(&bytes, 1, MPI_INT, counts.data(), 1, MPI_INT, 0, comm);
  std::vector<int> places(counts.size(), 0);
  for (std::size_t i = 1; i < counts.size(); ++i) places[i] = places[i - 1] + counts[i - 1];
  std::vector<Piece> all;
  if (rank == 0)
    all.resize(static_cast<std::size_t>(places.back() + counts.back()) / sizeof(Piece));
  MPI_Gatherv(own.data(), bytes, MPI_BYTE, all.data(), counts.data(), places.data(), MPI_BYTE, 0,
              comm);
  std::sort(all.begin(), all.end(),
            [](const Piece& a, const Piece& b) { return a.begin < b.begin; });
  return all;
}

Episode simulate(cardan::Session& session, const Plan& plan, Laboratory& laboratory)
{
  const MPI_Comm comm = session.comm();
  Episode episode;
  episode.plan = plan;
  auto pipeline = session.pipeline("library", shape_of(plan.library));
  Screening screening{laboratory, pipeline.stages(), plan.run_file};
  MPI_Barrier(comm);
  const double begin = MPI_Wtime();
  episode.report = pipeline.run(screening.work());
  episode.pieces = gather(comm, screening.pieces(), begin);
  std::int64_t counts[] = {screening.solved(), screening.outside()};
  MPI_Allreduce(MPI_IN_PLACE, counts, 2, MPI_INT64_T, MPI_SUM, comm);
  episode.solved = counts[0];
  episode.outside = counts[1];
  episode.ml_ranks = session.ml_ranks();
  episode.ml_library = session.ml_library();
  MPI_Comm_size(comm, &episode.simulation_ranks);
  return episode;
}

/// By all ranks of `comm`, or from the file of an earlier run.
Truth truth_of(MPI_Comm comm, Laboratory& laboratory, const Settings& settings)
{
  int rank = 0;
  MPI_Comm_rank(comm, &rank);
  const std::string path = kept_name(settings.truth, laboratory, settings.candidates);
  int there = rank == 0 && !settings.truth.empty() && std::filesystem::exists(path) ? 1 : 0;
  MPI_Bcast(&there, 1, MPI_INT, 0, comm);
  if (there != 0) return rank == 0 ? kept(path, settings.candidates) : Truth{};
  Truth truth = find_truth(comm, laboratory, settings.candidates);
  if (rank == 0 && !settings.truth.empty()) keep(truth, path);
  return truth;
}

}  // namespace

std::optional<Episode> run_episode(const Plan& plan, const Settings& settings,
                                   std::optional<Truth>& known)
{
  Laboratory laboratory{plan.library, settings.phases};
  const bool beside = miniapp::ml_ranks_beside();
  std::optional<Episode> episode;
  {
    cardan::SessionOptions options;
    options.seed = plan.seed;
    options.folder = plan.folder;
    cardan::Session session{MPI_COMM_WORLD, plan.run_file, options};
    ask_settings(session.config("funnel"));
    if (!session.serves()) {
      episode = simulate(session, plan, laboratory);
      if (beside) known = truth_of(session.comm(), laboratory, settings);
    } else if (session.serve() != 0) {
      throw cardan::Error::everywhere("the simulation ended with an error");
    }
  }
  // A laboratory of its own: an image that the pipeline made is made once more.
  if (!known) {
    Laboratory other{plan.library, settings.phases};
    known = truth_of(MPI_COMM_WORLD, other, settings);
  }
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  if (rank != 0) return std::nullopt;
  episode->truth = *known;
  return episode;
}

}  // namespace funnel
