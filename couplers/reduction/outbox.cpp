#include "couplers/reduction/outbox.hpp"

#include <algorithm>
#include <utility>

namespace cardan::reduction {

Outbox::Outbox(Ends& ends) : ends_(ends)
{
  if (!ends_.back) return;
  destinations_.resize(ends_.back->out().size());
  const std::size_t others = ends_.receivers.size() - 1;
  for (std::size_t d = 0; d < std::min(others, destinations_.size()); ++d)
    destinations_[d].receives = true;
}

void Outbox::send(std::uint32_t version, std::vector<std::byte> encoders)
{
  const auto shared = std::make_shared<const std::vector<std::byte>>(std::move(encoders));
  for (auto& destination : destinations_) {
    auto& parcels = destination.parcels;
    if (!destination.receives && !parcels.empty() && parcels.back().sent == 0) parcels.pop_back();
    parcels.push_back({version, shared, 0});
  }
}

void Outbox::send(const Decision& decision)
{
  for (auto& destination : destinations_)
    if (!destination.receives) destination.decision = decision;
}

void Outbox::put(channel::OutLane& lane, const Decision& decision)
{
  MessageHeader header;
  header.kind = Kind::decision;
  header.count = sizeof decision;
  lane.put_samples(0, as_bytes(reinterpret_cast<const std::byte*>(&decision), sizeof decision), 0,
                   header.count);
  lane.publish(to_header(header));
}

void Outbox::put(channel::OutLane& lane, Parcel& parcel)
{
  const std::size_t left = parcel.bytes->size() - parcel.sent;
  const std::size_t piece = std::min(left, static_cast<std::size_t>(lane.capacity()));
  MessageHeader header;
  header.kind = Kind::encoder;
  header.version = parcel.version;
  header.count = static_cast<std::int64_t>(piece);
  header.offset = static_cast<std::int64_t>(parcel.sent);
  header.total = static_cast<std::int64_t>(parcel.bytes->size());
  lane.put_samples(0, as_bytes(parcel.bytes->data() + parcel.sent, piece), 0, header.count);
  lane.publish(to_header(header));
  parcel.sent += piece;
}

bool Outbox::pay()
{
  bool paid = false;
  for (std::size_t d = 0; d < destinations_.size(); ++d) {
    auto& [receives, parcels, decision] = destinations_[d];
    auto& lane = ends_.back->out()[d];
    while ((decision || !parcels.empty()) && lane.room()) {
      paid = true;
      if (decision) {
        put(lane, *std::exchange(decision, std::nullopt));
        continue;
      }
      put(lane, parcels.front());
      if (parcels.front().sent == parcels.front().bytes->size()) parcels.pop_front();
    }
  }
  return paid;
}

bool Outbox::receivers_paid() const
{
  return std::all_of(destinations_.begin(), destinations_.end(), [](const Destination& each) {
    return !each.receives || each.parcels.empty();
  });
}

}  // namespace cardan::reduction
