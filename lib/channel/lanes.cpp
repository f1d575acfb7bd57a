#include "channel/lanes.hpp"

#include "channel/node.hpp"
#include "mpi/exchange.hpp"
#include "mpi/watchdog.hpp"

#include <algorithm>
#include <numeric>

namespace cardan::channel {

Lanes::Lanes(MPI_Comm comm, const ChannelOptions& wanted, const Choice& choice, const End& mine,
             const std::optional<Links>& links)
{
  ChannelOptions options = wanted;
  options.deadline = opening_seconds(wanted.deadline);
  const auto deadline = mpi::Deadline::in(options.deadline);
  const Reference reference = agree_on_fields(comm, options.name, mine, deadline);
  agree_on_options(comm, options, deadline);
  // All ranks are here; should one go away from now on, collective calls of MPI would not return.
  const mpi::Watchdog watchdog{
      options.deadline * 4,
      "channel '" + options.name +
          "' could not be opened: a rank has gone, or MPI does not return.",
      mpi::rank(comm) == 0};
  if (links)
    links_ = *links;
  else
    links_ = reference.boxes() ? overlapping(comm, options, reference, mine) : spread(comm, mine);

  Reach reach{choice.on_node, choice.between, mpi::rank(comm)};
  const Node node{comm};
  mpi::check(MPI_Bcast(&reach.node, 1, MPI_INT, 0, node.get()), "MPI_Bcast");
  plan_ = make_plan(comm, options, reference, mine, links_, reach);
  open_transports(comm, options, wanted.deadline);

  for (const auto& lane : plan_.out)
    out_.emplace_back(LaneEnd{transports_[index_of(lane.kind)].get(), lane, plan_.depth,
                              options.policy, wanted.deadline},
                      plan_.capacity);
  for (const auto& lane : plan_.in)
    in_.emplace_back(LaneEnd{transports_[index_of(lane.kind)].get(), lane, plan_.depth,
                             options.policy, wanted.deadline});
  if (plan_.boxes && !plan_.in.empty())
    slots_ = transports_[index_of(plan_.home)]->memory() + plan_.slots;
}

/// A window is made by all ranks or by none: whichever kind any pair of ranks needs.
void Lanes::open_transports(MPI_Comm comm, const ChannelOptions& options, double step_deadline)
{
  std::array<int, kinds.size()> needed{};
  for (const auto* lanes : {&plan_.out, &plan_.in})
    for (const auto& lane : *lanes) needed[index_of(lane.kind)] = 1;
  mpi::check(MPI_Allreduce(MPI_IN_PLACE, needed.data(), static_cast<int>(needed.size()), MPI_INT,
                           MPI_MAX, comm),
             "MPI_Allreduce");
  const int open = std::accumulate(needed.begin(), needed.end(), 0);
  std::array<std::size_t, kinds.size()> skews{};
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    if (needed[i] == 0) continue;
    kind_ = open > 1 ? TransportKind::mixed : kinds[i];
    const std::size_t bytes = plan_.bytes[i] + line;
    const mpi::Watchdog watchdog{
        options.deadline * 2,
        "channel '" + options.name + "': the transport \"" + to_string(kinds[i]) +
            "\" could not be opened (MPI does not return). Set another kind in [transport], or try "
            "mpirun --mca osc ucx.",
        mpi::rank(comm) == 0};
    try {
      mpi::together(comm, mpi::Deadline::in(options.deadline), [&] {
        if (kinds[i] == TransportKind::shared)
          transports_[i] = open_shared(Node{comm}.get(), comm, bytes);
        if (kinds[i] == TransportKind::rma) transports_[i] = open_rma(comm, bytes);
        if (kinds[i] == TransportKind::two_sided)
          transports_[i] = open_two_sided(comm, bytes, step_deadline);
      });
    } catch (...) {
      abandon();
      throw;
    }
    const auto base = reinterpret_cast<std::uintptr_t>(transports_[i]->memory());
    skews[i] = (line - base % line) % line;
  }
  place(comm, plan_, skews, mpi::Deadline::in(options.deadline));
}

std::size_t Lanes::bytes() const
{
  return std::accumulate(plan_.bytes.begin(), plan_.bytes.end(), std::size_t{0});
}

void Lanes::close()
{
  for (auto& lane : out_) lane.close();
}

std::vector<std::uint64_t> Lanes::offered(MPI_Comm comm, mpi::Deadline deadline)
{
  constexpr int tag = 31;
  std::vector<mpi::Letter> letters;
  for (const auto& lane : out_)
    letters.push_back({lane.consumer(), {static_cast<std::int64_t>(lane.offered())}});
  std::vector<int> producers;
  for (const auto& lane : in_) producers.push_back(lane.producer());
  std::vector<std::uint64_t> totals;
  for (const auto& numbers : mpi::exchange(comm, letters, producers, tag, deadline))
    totals.push_back(static_cast<std::uint64_t>(numbers.front()));
  return totals;
}

bool Lanes::drained()
{
  return std::all_of(in_.begin(), in_.end(), [](InLane& lane) { return lane.drained(); });
}

void Lanes::fence()
{
  for (auto& transport : transports_)
    if (transport) transport->fence();
}

void Lanes::abandon() noexcept
{
  for (auto& transport : transports_)
    if (transport) transport->abandon();
}

}  // namespace cardan::channel
