#include "session/roles.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace cardan {

std::string to_string(const Roles& roles)
{
  if (roles.simulation) return "simulation";
  if (roles.inference && roles.training) return "inference+training";
  return roles.inference ? "inference" : "training";
}

std::vector<int> ranks_with(const std::vector<Roles>& roles, bool Roles::*role)
{
  std::vector<int> ranks;
  for (std::size_t rank = 0; rank < roles.size(); ++rank)
    if (roles[rank].*role) ranks.push_back(static_cast<int>(rank));
  return ranks;
}

MlShare read_share(const Config& run_file)
{
  const Config ranks = run_file.table("ranks");
  MlShare share;
  //= half of the ML ranks, rounded up | how many of the ML ranks train; the others infer. A single
  //= ML rank does both, and so do all where `training` is their number
  if (ranks.has("training")) {
    share.training = ranks.get<int>("training");
    if (*share.training < 1) throw ranks.error("training", "at least one ML rank must train");
  }
  ranks.ask("training");
  //= none | which ranks are ML ranks, by one of the three keys below; they are taken from the end
  //= of the job or of each node. Not used where `cardan-ml` is launched beside the simulation.
  //= Without either, the solver does all the work
  if (!ranks.has("ml")) {
    ranks.ask("ml");
    return share;
  }
  const Config ml = ranks.table("ml");
  if (ml.keys().size() != 1)
    throw ranks.error("ml", "exactly one of count, fraction and per_node is needed",
                      "Write ml = { count = 1 }, for example.");
  if (ml.has("count")) {
    share.kind = MlShare::Kind::count;
    //= none | so many
    share.amount = ml.get<int>("count");
    if (share.amount < 0) throw ml.error("count", "must not be negative");
  } else if (ml.has("fraction")) {
    share.kind = MlShare::Kind::fraction;
    //= none | such a share of all ranks, rounded, at least one; at least 0 and below 1
    share.amount = ml.get<double>("fraction");
    if (!(share.amount >= 0 && share.amount < 1))
      throw ml.error("fraction", "must be at least 0 and below 1");
  } else if (ml.has("per_node")) {
    share.kind = MlShare::Kind::per_node;
    //= none | so many on each node
    share.amount = ml.get<int>("per_node");
    if (share.amount < 0) throw ml.error("per_node", "must not be negative");
  } else {
    for (const char* key : {"count", "fraction", "per_node"}) ml.ask(key);
    ml.reject_unknown();
  }
  return share;
}

std::vector<bool> choose_ml_ranks(const MlShare& share, const std::vector<int>& nodes,
                                  const Config& run_file)
{
  const auto size = static_cast<std::int64_t>(nodes.size());
  std::vector<bool> ml(nodes.size(), false);
  std::int64_t wanted = 0;
  if (share.kind == MlShare::Kind::count) wanted = static_cast<std::int64_t>(share.amount);
  // A fraction that is not zero asks for at least one rank, where there are ranks enough.
  if (share.kind == MlShare::Kind::fraction && share.amount > 0)
    wanted = std::max<std::int64_t>(1, std::llround(share.amount * static_cast<double>(size)));
  if (share.kind == MlShare::Kind::fraction && size == 1) wanted = 0;
  std::map<int, std::int64_t> left;
  if (share.kind == MlShare::Kind::per_node) {
    // A node gives no more ranks than it has.
    const auto most = static_cast<std::int64_t>(share.amount);
    for (const int node : nodes) left[node] = std::min(most, left[node] + 1);
    for (const auto& each : left) wanted += each.second;
  }
  if (wanted >= size && wanted > 0)
    throw run_file.table("ranks").error(
        "ml", fmt::format("{} ML ranks leave none of {} ranks to simulate", wanted, size),
        "Start more ranks or ask for fewer ML ranks.");
  for (auto rank = nodes.size(); rank-- > 0 && wanted > 0;) {
    if (share.kind == MlShare::Kind::per_node && left[nodes[rank]]-- <= 0) continue;
    ml[rank] = true;
    --wanted;
  }
  return ml;
}

std::vector<Roles> assign_roles(const std::vector<bool>& ml, const MlShare& share,
                                const Config& run_file)
{
  const auto count = static_cast<int>(std::count(ml.begin(), ml.end(), true));
  const int training = share.training.value_or((count + 1) / 2);
  if (count > 0 && training > count)
    throw run_file.table("ranks").error("training", fmt::format("there are {} ML ranks", count));
  std::vector<Roles> roles(ml.size());
  int seen = 0;
  for (std::size_t rank = 0; rank < ml.size(); ++rank) {
    roles[rank].simulation = !ml[rank];
    if (!ml[rank]) continue;
    roles[rank].training = seen >= count - training;
    roles[rank].inference = !roles[rank].training || training == count;
    ++seen;
  }
  return roles;
}

}  // namespace cardan
