#include "channel/lanes.hpp"

#include "mpi/comm.hpp"

#include <algorithm>

namespace cardan::channel {

Lanes::Lanes(MPI_Comm comm, const ChannelOptions& options, const End& mine)
{
  const auto ends = gather(comm, mine);
  check(options.name, ends);
  plan_ = make_plan(ends, mpi::rank(comm), options.depth);
  transport_ = Transport::open(options.transport, comm, plan_.bytes + line);

  const auto base = reinterpret_cast<std::uintptr_t>(transport_->memory());
  const auto skew = static_cast<std::uint64_t>((line - base % line) % line);
  std::vector<std::uint64_t> skews(ends.size());
  mpi::check(MPI_Allgather(&skew, 1, MPI_UINT64_T, skews.data(), 1, MPI_UINT64_T, comm),
             "MPI_Allgather");
  out_.reserve(plan_.out.size());
  for (const auto& lane : plan_.out)
    out_.emplace_back(*transport_, lane, skews[static_cast<std::size_t>(lane.consumer)], skew,
                      plan_.depth);
  in_.reserve(plan_.in.size());
  for (const auto& lane : plan_.in)
    in_.emplace_back(*transport_, lane, skews[static_cast<std::size_t>(lane.producer)], skew,
                     plan_.depth);
}

void Lanes::close()
{
  for (auto& lane : out_) lane.close();
}

bool Lanes::drained() const
{
  return std::all_of(in_.begin(), in_.end(), [](const InLane& lane) { return lane.drained(); });
}

}  // namespace cardan::channel
