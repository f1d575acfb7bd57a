#include "channel/lanes.hpp"

#include "channel/node.hpp"
#include "mpi/exchange.hpp"
#include "mpi/watchdog.hpp"

#include <algorithm>
#include <numeric>

namespace cardan::channel {

Lanes::Lanes(MPI_Comm comm, const ChannelOptions& wanted, const Choice& choice, const End& mine,
             const std::optional<Links>& links)
    : pool_(choice.pool)
{
  ChannelOptions options = wanted;
  options.deadline = opening_seconds(wanted.deadline);
  const auto deadline = mpi::Deadline::in(options.deadline);
  const Reference reference = agree_on_fields(comm, options.name, mine, deadline);
  agree_on_options(comm, options, deadline);
  const Node node{comm};
  if (links) {
    links_ = *links;
  } else if (!reference.boxes()) {
    links_ = spread(comm, mine, deadline);
  } else {
    // All ranks are here; should one go away now, collective calls of MPI would not return.
    const mpi::Watchdog watchdog{
        options.deadline * 4,
        "channel '" + options.name +
            "' could not be opened: a rank has gone, or MPI does not return.",
        mpi::rank(comm) == 0};
    links_ = overlapping(comm, options, reference, mine);
  }
  const Reach reach{choice.on_node, choice.between, node.leader(), node.leaders()};
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

Lanes::~Lanes()
{
  out_.clear();
  in_.clear();
  for (std::size_t i = 0; i < kinds.size(); ++i)
    if (places_[i] >= 0 && transports_[i]) pool_->keep(places_[i], std::move(transports_[i]));
}

/// Makes what this channel has of one kind: collective.
void Lanes::make(std::size_t kind, std::size_t room, MPI_Comm comm, const ChannelOptions& options,
                 double step_deadline)
{
  const std::size_t bytes = plan_.bytes[kind] + line;
  const mpi::Watchdog watchdog{
      options.deadline * 2,
      "channel '" + options.name + "': the transport \"" + to_string(kinds[kind]) +
          "\" could not be opened (MPI does not return). Set another kind in [transport], or try "
          "mpirun --mca osc ucx.",
      mpi::rank(comm) == 0};
  if (places_[kind] >= 0) pool_->assign(places_[kind], kinds[kind], std::max(bytes, room));
  try {
    mpi::together(comm, mpi::Deadline::in(options.deadline), [&] {
      if (kinds[kind] == TransportKind::shared)
        transports_[kind] = open_shared(Node{comm}.get(), comm, bytes, room);
      if (kinds[kind] == TransportKind::rma) transports_[kind] = open_rma(comm, bytes, room);
      if (kinds[kind] == TransportKind::two_sided)
        transports_[kind] = open_two_sided(comm, bytes, step_deadline);
    });
  } catch (...) {
    abandon();
    throw;
  }
}

/// A window is made by all ranks or by none: whichever kind any pair of ranks needs. What is kept
/// of an earlier channel nobody writes to any more: all ranks have said so by then. A peer writes
/// to what this rank has made of it once it knows where its lanes lie.
void Lanes::open_transports(MPI_Comm comm, const ChannelOptions& options, double step_deadline)
{
  // Kinds that are needed, bytes of each, and places.
  constexpr std::size_t n = kinds.size();
  std::array<std::int64_t, 2 * n + Pool::places> most{};
  for (const auto* lanes : {&plan_.out, &plan_.in})
    for (const auto& lane : *lanes) most[index_of(lane.kind)] = 1;
  std::array<std::size_t, n> bytes{};
  for (std::size_t i = 0; i < n; ++i) {
    bytes[i] = plan_.bytes[i] + line;
    most[n + i] = static_cast<std::int64_t>(bytes[i]);
  }
  Pool::Offers places{};
  if (pool_) places = pool_->offers(bytes);
  std::copy(places.begin(), places.end(), most.begin() + 2 * n);
  mpi::largest(comm, most, mpi::Deadline::in(options.deadline));
  std::copy(most.begin() + 2 * n, most.end(), places.begin());

  const auto open = std::accumulate(most.begin(), most.begin() + n, std::int64_t{0});
  std::array<std::size_t, n> skews{};
  for (std::size_t i = 0; i < n; ++i) {
    if (most[i] == 0) continue;
    kind_ = open > 1 ? TransportKind::mixed : kinds[i];
    Pool::Place place;
    if (pool_ && kinds[i] != TransportKind::two_sided) place = pool_->find(kinds[i], places);
    places_[i] = place.number;
    if (place.number >= 0) places[static_cast<std::size_t>(place.number)] = Pool::taken;
    if (place.kept) {
      transports_[i] = pool_->take(place.number);
      transports_[i]->renew(bytes[i]);
    } else {
      const auto largest = static_cast<std::size_t>(most[n + i]);
      make(i, place.number >= 0 ? Pool::room(bytes[i], largest) : 0, comm, options, step_deadline);
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
  places_.fill(-1);
  for (auto& transport : transports_)
    if (transport) transport->abandon();
}

}  // namespace cardan::channel
