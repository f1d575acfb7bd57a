// Which instance a request goes to: by the registry's queues and by what this client has under way.

#include "couplers/service/client.hpp"

#include <algorithm>

namespace cardan::service {

bool Client::usable(std::size_t p, std::uint32_t version, int avoid)
{
  const Peer& peer = peers_[p];
  return works(peer) && static_cast<int>(p) != avoid && peer.status.version >= version &&
         peer.under_way - peer.commands < settings_.depth && ends_->request->out()[p].room();
}

/// Whether an instance that works, though it may have no room, is of that version.
bool Client::any_at(std::uint32_t version) const
{
  return std::any_of(peers_.begin(), peers_.end(), [&](const Peer& peer) {
    return works(peer) && peer.status.version >= version;
  });
}

/// What waits there of all clients, as last told, and what this client has sent.
std::int64_t Client::load(std::size_t p) const
{
  return static_cast<std::int64_t>(peers_[p].status.queued) + peers_[p].under_way;
}

/// Ties go to the next in turn.
int Client::least_loaded(std::uint32_t version, int avoid, bool only_here)
{
  int best = -1;
  for (std::size_t i = 0; i < peers_.size(); ++i) {
    const std::size_t p = (turn_ + i) % peers_.size();
    if (only_here && !ends_->on_this_node[p]) continue;
    if (!usable(p, version, avoid)) continue;
    if (best < 0 || load(p) < load(static_cast<std::size_t>(best))) best = static_cast<int>(p);
  }
  if (best >= 0) turn_ = (static_cast<std::size_t>(best) + 1) % peers_.size();
  return best;
}

int Client::choose(const Slot& slot)
{
  const auto by_policy = [&](std::uint32_t version, int avoid) {
    switch (settings_.balance) {
      case Balance::least_queue: return least_loaded(version, avoid, false);
      case Balance::local_first: {
        const int here = least_loaded(version, avoid, true);
        return here >= 0 ? here : least_loaded(version, avoid, false);
      }
      case Balance::two_choices: {
        const auto any = [&] {
          random_ ^= random_ << 13;
          random_ ^= random_ >> 7;
          random_ ^= random_ << 17;
          return static_cast<std::size_t>(random_ % peers_.size());
        };
        const std::size_t a = any();
        const std::size_t b = any();
        const bool a_works = usable(a, version, avoid);
        const bool b_works = usable(b, version, avoid);
        if (a_works && (!b_works || load(a) <= load(b))) return static_cast<int>(a);
        if (b_works) return static_cast<int>(b);
        break;
      }
      case Balance::round_robin: break;
    }
    for (std::size_t i = 0; i < peers_.size(); ++i) {
      const std::size_t p = (turn_ + i) % peers_.size();
      if (!usable(p, version, avoid)) continue;
      turn_ = (p + 1) % peers_.size();
      return static_cast<int>(p);
    }
    return -1;
  };
  // Where none that works is known to be new enough, any: it may have become so since.
  const std::uint32_t version = any_at(newest_) ? newest_ : 0;
  const int to = by_policy(version, slot.failed_at);
  return to < 0 && slot.failed_at >= 0 ? by_policy(version, -1) : to;
}

}  // namespace cardan::service
