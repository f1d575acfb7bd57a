#include "episode.hpp"

#include <cardan/error.hpp>
#include <cardan/session.hpp>

namespace adapt {

void describe(const cardan::Tuning& tuning, Episode& episode)
{
  episode.report = tuning.report();
  episode.names = tuning.names();
  episode.words.reserve(episode.names.size());
  for (const auto& name : episode.names) episode.words.push_back(tuning.words(name));
}

std::optional<Episode> run_episode(const Settings& settings, const Plan& plan)
{
  cardan::SessionOptions options;
  options.seed = plan.seed;
  options.without_ml = plan.without_ml;
  options.folder = plan.folder;
  cardan::Session session{MPI_COMM_WORLD, plan.run_file, options};
  ask_settings(session.config("adapt"));
  if (session.serves()) {
    if (session.serve() != 0) throw cardan::Error::everywhere("the simulation ended with an error");
    return std::nullopt;
  }
  Episode episode = plan.task == "burgers" ? tune_burgers(session, settings, plan)
                                           : tune_function(session, settings, plan);
  episode.plan = plan;
  episode.ml_ranks = session.ml_ranks();
  episode.ml_library = session.ml_library();
  MPI_Comm_size(session.comm(), &episode.simulation_ranks);
  int rank = 0;
  MPI_Comm_rank(session.comm(), &rank);
  if (rank != 0) return std::nullopt;
  return episode;
}

}  // namespace adapt
