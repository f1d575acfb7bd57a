#include "session/heirlooms.hpp"

#include "session/parcels.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

namespace cardan {

namespace {

bool of_simulation(const std::string& name)
{
  return name.compare(0, 8, "clients/") == 0;
}

/// The ranks that hold what simulation or ML ranks ask for.
std::vector<int> holders(const std::vector<Roles>& roles, bool simulation)
{
  std::vector<int> ranks;
  for (std::size_t r = 0; r < roles.size(); ++r)
    if (simulation ? roles[r].simulation : roles[r].ml()) ranks.push_back(static_cast<int>(r));
  if (ranks.empty()) ranks.push_back(0);
  return ranks;
}

/// Collective: the owners of what any rank has.
std::set<std::string> owners(MPI_Comm comm, const std::vector<checkpoint::Item>& items,
                             mpi::Deadline deadline)
{
  std::set<std::string> mine;
  for (const auto& item : items) mine.insert(checkpoint::owner_of(item.name));
  Parcel names;
  for (const auto& name : mine) {
    const auto* letters = reinterpret_cast<const std::byte*>(name.data());
    names.insert(names.end(), letters, letters + name.size());
    names.push_back(std::byte{'\n'});
  }
  const auto ranks = static_cast<std::size_t>(mpi::size(comm));
  std::set<std::string> all;
  for (const auto& parcel : exchange_parcels(comm, std::vector<Parcel>(ranks, names), deadline)) {
    std::string name;
    for (const auto letter : parcel) {
      if (letter != std::byte{'\n'}) {
        name += static_cast<char>(letter);
        continue;
      }
      all.insert(std::exchange(name, {}));
    }
  }
  return all;
}

}  // namespace

void Heirlooms::pass_on(const Context& context, const std::vector<Roles>& next,
                        checkpoint::Snapshot fresh, const checkpoint::Reader* before)
{
  MPI_Comm comm = context.everyone.get();
  const int me = mpi::rank(comm);
  auto items = fresh.take();
  const auto renewed = owners(comm, items, context.deadline());
  // All holders hold the same: the first of them passes on what was not asked for.
  if (held_)
    for (const auto& [name, parts] : held_->parts()) {
      if (renewed.count(checkpoint::owner_of(name)) > 0) continue;
      if (holders(context.roles, of_simulation(name)).front() != me) continue;
      for (const auto& part : parts)
        items.push_back({part.name,
                         part.dtype,
                         part.box,
                         {},
                         {},
                         part.text,
                         {part.data.data(), part.data.size()}});
    }

  std::vector<Parcel> to(static_cast<std::size_t>(mpi::size(comm)));
  const auto simulating = holders(next, true);
  const auto learning = holders(next, false);
  for (const auto& item : items) {
    const auto& ranks = of_simulation(item.name) ? simulating : learning;
    for (const int rank : ranks) checkpoint::pack(item, to[static_cast<std::size_t>(rank)]);
  }
  auto held = std::make_unique<checkpoint::Held>();
  for (const auto& parcel : exchange_parcels(comm, std::move(to), context.deadline()))
    for (auto& item : checkpoint::unpack(parcel)) held->add(std::move(item));
  held_ = std::move(held);
  reader_ = std::make_unique<checkpoint::Reader>(
      checkpoint::source_of(*held_, before != nullptr ? &before->source() : nullptr));
}

}  // namespace cardan
