#include "couplers/closure/team.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace cardan::closure {

// Where the surrogate's table does not say otherwise, its ranks do what they do in the session.
// Inside the simulation nobody is asked, so all of them train; a model that is not trained has its
// ranks infer.
std::vector<Roles> team_roles(const std::vector<Roles>& session, const SurrogateSettings& settings,
                              const Config& run_file)
{
  const Config table = run_file.table("surrogate").table(settings.name);
  std::vector<std::size_t> ml;
  for (std::size_t rank = 0; rank < session.size(); ++rank)
    if (session[rank].ml()) ml.push_back(rank);
  std::vector<std::size_t> chosen;
  for (const auto number : settings.ranks) {
    if (ml.empty()) break;
    if (number < 0 || number >= static_cast<std::int64_t>(ml.size()))
      throw table.error("ranks", fmt::format("there are {} ML ranks, counted from 0", ml.size()));
    chosen.push_back(ml[static_cast<std::size_t>(number)]);
  }
  std::sort(chosen.begin(), chosen.end());
  if (std::adjacent_find(chosen.begin(), chosen.end()) != chosen.end())
    throw table.error("ranks", "an ML rank is named twice");
  const bool own = !settings.ranks.empty();
  if (!own) chosen = ml;

  std::vector<Roles> roles(session.size());
  for (std::size_t rank = 0; rank < session.size(); ++rank)
    roles[rank].simulation = session[rank].simulation;
  const auto count = static_cast<int>(chosen.size());
  int training = settings.training_ranks > 0 ? settings.training_ranks : (count + 1) / 2;
  if (settings.place == Place::inside) training = count;
  if (!settings.trained) training = 0;
  if (training > count && count > 0)
    throw run_file.table("training")
        .table(settings.name)
        .error("ranks", fmt::format("'{}' has {} ML ranks", settings.name, count));
  const bool as_session =
      !own && settings.training_ranks == 0 && settings.trained && settings.place == Place::ml;
  for (int i = 0; i < count; ++i) {
    const std::size_t rank = chosen[static_cast<std::size_t>(i)];
    roles[rank].training = i >= count - training;
    roles[rank].inference =
        settings.place == Place::ml && (!roles[rank].training || training == count);
    if (as_session) roles[rank] = session[rank];
  }
  return roles;
}

Team::Team(const Context& whole, const SurrogateSettings& settings)
    : context(whole), roles(team_roles(whole.roles, settings, whole.run_file))
{
  training = mpi::split(context.everyone.get(), mine().training ? 0 : MPI_UNDEFINED);
}

int Team::count(bool Roles::*role) const
{
  return static_cast<int>(all(role).size());
}

std::vector<int> Team::all(bool Roles::*role) const
{
  return ranks_with(roles, role);
}

int Team::first(bool Roles::*role) const
{
  const auto ranks = all(role);
  return ranks.empty() ? -1 : ranks.front();
}

}  // namespace cardan::closure
