#include "channel/links.hpp"

#include "channel/directory.hpp"

#include <algorithm>
#include <array>

namespace cardan::channel {

Links Links::reversed() const
{
  Links back;
  for (const auto& link : in) {
    back.out.push_back({link.peer, back.capacity, link.count});
    back.capacity += link.count;
  }
  for (const auto& link : out) back.in.push_back({link.peer, 0, link.count});
  return back;
}

Links overlapping(MPI_Comm comm, const ChannelOptions& options, const Reference& reference,
                  const End& mine)
{
  Links links;
  const Neighbours neighbours = find_neighbours(comm, options, reference, mine);
  for (const int peer : neighbours.consumers) links.out.push_back({peer, 0, 1});
  for (const int peer : neighbours.producers) links.in.push_back({peer, 0, 1});
  return links;
}

Links spread(MPI_Comm comm, const End& mine, mpi::Deadline deadline)
{
  const auto ranks = static_cast<std::size_t>(mpi::size(comm));
  const auto rank = static_cast<std::size_t>(mpi::rank(comm));
  // Two numbers a rank: how much it can put, and whether it consumes.
  std::array<std::int64_t, 2> own{0, mine.consumed.empty() ? 0 : 1};
  if (!mine.produced.empty()) {
    const Extents& shape = mine.produced.front().shape;
    own[0] = shape.rank() > 0 ? shape[0] : 1;
  }
  std::vector<std::array<std::int64_t, 2>> all(ranks);
  MPI_Request request = MPI_REQUEST_NULL;
  mpi::check(MPI_Iallgather(own.data(), 2, MPI_INT64_T, all.data(), 2, MPI_INT64_T, comm, &request),
             "MPI_Iallgather");
  mpi::wait(request, deadline, "the ranks of a channel");
  std::int64_t total = 0;
  std::int64_t consumers = 0;
  for (const auto& numbers : all) {
    total += numbers[0];
    consumers += numbers[1];
  }
  Links links;
  links.capacity = own[0];
  std::int64_t begin = 0;
  std::int64_t part = 0;
  std::size_t consumer = 0;
  // Producers and consumers in step along the line of all samples.
  for (std::size_t producer = 0; producer < ranks; ++producer) {
    const std::int64_t end = begin + all[producer][0];
    for (std::int64_t at = begin; at < end;) {
      while (all[consumer][1] == 0 || total * (part + 1) / consumers <= at) {
        if (all[consumer][1] != 0) ++part;
        ++consumer;
      }
      const std::int64_t upto = std::min(end, total * (part + 1) / consumers);
      if (producer == rank)
        links.out.push_back({static_cast<int>(consumer), at - begin, upto - at});
      if (consumer == rank) links.in.push_back({static_cast<int>(producer), at - begin, upto - at});
      at = upto;
    }
    begin = end;
  }
  return links;
}

Links broadcast(int rank, int producer, const std::vector<int>& consumers, std::int64_t capacity)
{
  Links links;
  links.capacity = capacity;
  for (const int consumer : consumers) {
    if (rank == producer) links.out.push_back({consumer, 0, capacity});
    if (rank == consumer) links.in.push_back({producer, 0, capacity});
  }
  return links;
}

Cut cut(const Link& link, std::int64_t capacity, std::int64_t total)
{
  if (capacity == 0) return {0, 0};
  const std::int64_t first = total * link.first / capacity;
  return {first, total * (link.first + link.count) / capacity - first};
}

}  // namespace cardan::channel
