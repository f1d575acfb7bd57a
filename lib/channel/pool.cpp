#include "channel/pool.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace cardan::channel {

Pool::Offers Pool::offers(const std::array<std::size_t, kinds.size()>& bytes) const
{
  Offers offers{};
  for (std::size_t p = 0; p < places; ++p) {
    const Kept& kept = kept_[p];
    if (kept.used)
      offers[p] = taken;
    else if (kept.transport)
      offers[p] = kept.bytes >= bytes[index_of(kept.kind)] ? enough : too_little;
  }
  return offers;
}

// What is too small is replaced before another place is taken, so that no more is kept than there
// ever were channels at a time.
Pool::Place Pool::find(TransportKind kind, const Offers& agreed) const
{
  for (const auto wanted : {enough, too_little, nothing})
    for (std::size_t p = 0; p < places; ++p)
      if (agreed[p] == wanted && (wanted != enough || kept_[p].kind == kind))
        return {static_cast<int>(p), wanted == enough};
  return {};
}

std::unique_ptr<Transport> Pool::take(int place)
{
  Kept& kept = kept_[static_cast<std::size_t>(place)];
  kept.used = true;
  return std::move(kept.transport);
}

void Pool::assign(int place, TransportKind kind, std::size_t bytes)
{
  kept_[static_cast<std::size_t>(place)] = {kind, bytes, true, nullptr};
}

void Pool::keep(int place, std::unique_ptr<Transport> transport)
{
  Kept& kept = kept_[static_cast<std::size_t>(place)];
  kept.used = false;
  kept.transport = std::move(transport);
}

void Pool::abandon() noexcept
{
  for (auto& kept : kept_)
    if (kept.transport) kept.transport->abandon();
}

std::size_t Pool::room(std::size_t bytes, std::size_t most)
{
  constexpr std::size_t least = std::size_t{64} << 10;
  constexpr std::size_t small = std::size_t{1} << 20;
  return most > small ? bytes : std::max(least, std::bit_ceil(most));
}

}  // namespace cardan::channel
