#include "couplers/pipeline/split.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace cardan::pipeline {

std::vector<Cover> first_split(std::span<const int> wanted, int ranks)
{
  const int stages = static_cast<int>(wanted.size());
  std::vector<Cover> covers;
  covers.reserve(static_cast<std::size_t>(ranks));
  if (ranks < stages) {
    for (int rank = 0; rank < ranks; ++rank)
      covers.push_back({rank * stages / ranks, (rank + 1) * stages / ranks - 1});
    return covers;
  }
  std::vector<int> given(wanted.size(), 1);
  int left = ranks - stages;
  for (std::size_t s = 0; s < wanted.size(); ++s) {
    const int more = std::clamp(wanted[s] - 1, 0, left);
    given[s] += more;
    left -= more;
  }
  // What is left goes to those that want any number, the last first; else to the last one.
  std::vector<std::size_t> open;
  for (std::size_t s = wanted.size(); s-- > 0;)
    if (wanted[s] == 0) open.push_back(s);
  if (open.empty()) open.push_back(wanted.size() - 1);
  for (std::size_t i = 0; left > 0; ++i, --left) ++given[open[i % open.size()]];
  for (int s = 0; s < stages; ++s)
    covers.insert(covers.end(), static_cast<std::size_t>(given[static_cast<std::size_t>(s)]),
                  Cover{s, s});
  return covers;
}

double weight_of(const Demand& demand)
{
  constexpr double floor = 0.1;
  if (demand.doable <= 0) return 0;
  return demand.cost * demand.visits * (floor + demand.before) / (floor + demand.behind);
}

int neediest(std::span<const Demand> demands)
{
  int best = -1;
  double most = 0;
  for (std::size_t s = 0; s < demands.size(); ++s) {
    if (demands[s].doable <= 0) continue;
    const double each = weight_of(demands[s]) / (demands[s].ranks + 1);
    if (best >= 0 && each <= most) continue;
    best = static_cast<int>(s);
    most = each;
  }
  return best;
}

int better(std::span<const Demand> demands, int from, double margin)
{
  const int to = neediest(demands);
  if (to < 0 || to == from) return -1;
  const auto& here = demands[static_cast<std::size_t>(from)];
  const auto& there = demands[static_cast<std::size_t>(to)];
  const double now = weight_of(here) / std::max(1, here.ranks);
  return weight_of(there) / (there.ranks + 1) > (1 + margin) * now ? to : -1;
}

}  // namespace cardan::pipeline
