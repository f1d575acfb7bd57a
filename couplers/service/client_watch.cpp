// A client's watch: over the instances' heartbeats, and over its requests' deadlines.

#include "couplers/service/client.hpp"

#include <algorithm>

namespace cardan::service {

bool Client::sweep(std::int64_t now)
{
  // While this rank was elsewhere it saw no heartbeat: that time counts for nobody.
  const std::int64_t away = now - swept_;
  if (away > nanoseconds(settings_.stall / 4))
    for (auto& peer : peers_) peer.moved = std::min(now, peer.moved + away);
  swept_ = now;
  for (std::size_t p = 0; p < peers_.size(); ++p) watch(p, now);
  send_commands();
  return expire(now);
}

void Client::watch(std::size_t p, std::int64_t now)
{
  Peer& peer = peers_[p];
  const Status status = unpack(ends_->request->out()[p].said(status_word));
  const bool beats = status.beat != peer.status.beat;
  peer.status = status;
  told_version_ = std::max(told_version_, status.version);
  if (status.state == InstanceState::draining || peer.commands + (peer.command ? 1 : 0) == 0)
    peer.draining = false;
  if (beats || peer.under_way == 0) {
    peer.moved = now;
    counters_.revivals += peer.stalled && beats;
    if (beats) peer.stalled = false;
  } else if (!peer.stalled && now - peer.moved > nanoseconds(settings_.stall)) {
    peer.stalled = true;
    ++counters_.stalls;
  }
  if (peer.stalled || status.state == InstanceState::gone) move_away(p);
}

/// From an instance that stalled only where another may answer, and only so often: a request that
/// stalls whoever has it must not stall all of them for ever, and waits where it is.
void Client::move_away(std::size_t p)
{
  const bool gone = peers_[p].status.state == InstanceState::gone;
  if (peers_[p].outstanding == 0 || (!gone && !another_works(p))) return;
  for (const std::size_t index : live_) {
    Slot& slot = slots_[index];
    if (slot.instance != static_cast<int>(p)) continue;
    if (!gone && ++slot.moves > instances()) continue;
    ++counters_.moved;
    ask_again(index);
  }
}

bool Client::another_works(std::size_t p) const
{
  for (std::size_t other = 0; other < peers_.size(); ++other)
    if (other != p && works(peers_[other])) return true;
  return false;
}

bool Client::works(const Peer& peer)
{
  return !peer.stalled && !peer.draining &&
         (peer.status.state == InstanceState::ready || peer.status.state == InstanceState::busy);
}

bool Client::expire(std::int64_t now)
{
  bool ended = false;
  for (std::size_t i = live_.size(); i-- > 0;)
    if (slots_[live_[i]].deadline <= now) ended = end(live_[i], RequestStatus::late) || ended;
  return ended;
}

bool Client::all_gone() const
{
  return std::all_of(peers_.begin(), peers_.end(),
                     [](const Peer& peer) { return peer.status.state == InstanceState::gone; });
}

}  // namespace cardan::service
