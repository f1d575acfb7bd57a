/// The lead's way out: encoders to all, decisions to simulation ranks; nobody is waited for.
#pragma once

#include "couplers/reduction/ends.hpp"
#include "couplers/reduction/wire.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

namespace cardan::reduction {

/// Neither blocking nor collective. Other receivers get every version, in order, so that whatever a
/// simulation rank uses is known to its receiver; simulation ranks get the newest when they have
/// room, and those between are passed over.
class Outbox {
 public:
  explicit Outbox(Ends& ends);
  void send(std::uint32_t version, std::vector<std::byte> encoders);
  void send(const Decision& decision);
  /// Sends what waits and has room; says whether anything did.
  bool pay();
  /// Whether other receivers have all that was sent.
  [[nodiscard]] bool receivers_paid() const;

 private:
  struct Parcel {
    std::uint32_t version = 0;
    std::shared_ptr<const std::vector<std::byte>> bytes;
    std::size_t sent = 0;
  };
  struct Destination {
    bool receives = false;
    std::deque<Parcel> parcels;
    std::optional<Decision> decision;
  };
  static void put(channel::OutLane& lane, Parcel& parcel);
  static void put(channel::OutLane& lane, const Decision& decision);

  Ends& ends_;
  std::vector<Destination> destinations_;
};

}  // namespace cardan::reduction
