#include "layout.hpp"

#include <algorithm>

namespace bench {

namespace {

Part consumer_part(const Team& team, std::int64_t global, std::int64_t grain, int consumer)
{
  const std::int64_t grains = global / grain;
  const std::int64_t first = grains * consumer / team.consumers;
  const std::int64_t last = grains * (consumer + 1) / team.consumers;
  return {first * grain, (last - first) * grain};
}

Part intersection(const Part& a, const Part& b)
{
  const std::int64_t first = std::max(a.first, b.first);
  const std::int64_t last = std::min(a.first + a.count, b.first + b.count);
  return {first, std::max<std::int64_t>(0, last - first)};
}

std::size_t slot_bytes(const Part& part)
{
  const std::size_t bytes = sizeof(std::int64_t) * static_cast<std::size_t>(part.count);
  return (bytes + Places::line - 1) / Places::line * Places::line;
}

}  // namespace

Layout::Layout(const Team& team, std::int64_t elements, std::int64_t grain)
    : per_producer(elements), global(elements * team.producers)
{
  const auto producer_part = [&](int producer) { return Part{elements * producer, elements}; };
  const bool produces = team.produces();
  mine = produces ? producer_part(team.rank) : consumer_part(team, global, grain, team.consumer());
  const int peers = produces ? team.consumers : team.producers;
  for (int peer = 0; peer < peers; ++peer) {
    const Part part = produces ? consumer_part(team, global, grain, peer) : producer_part(peer);
    const Part overlap = intersection(mine, part);
    if (overlap.count == 0) continue;
    lanes.push_back({peer, produces ? team.rank_of_consumer(peer) : peer, part, overlap});
  }
}

bool Layout::fits(const Team& team, std::int64_t elements, std::int64_t grain)
{
  return elements / grain * team.producers >= team.consumers;
}

std::size_t Places::slot(std::uint64_t step, const Part& part) const
{
  return line * producers + static_cast<std::size_t>(step % slots) * slot_bytes(part);
}

std::size_t Places::decision(int consumer) const
{
  return line * (consumers + 2 * static_cast<std::size_t>(consumer));
}

std::size_t Places::bytes(const Team& team, const Layout& layout) const
{
  if (team.produces()) return line * (1 + 3 * consumers);
  return line * (1 + producers) + slots * slot_bytes(layout.mine);
}

std::byte* align(void* memory)
{
  const auto address = reinterpret_cast<std::uintptr_t>(memory);
  const std::uintptr_t padding = (Places::line - address % Places::line) % Places::line;
  return static_cast<std::byte*>(memory) + padding;
}

}  // namespace bench
