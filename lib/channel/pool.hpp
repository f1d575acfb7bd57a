/// Windows that closed channels leave to those that open next.
#pragma once

#include "channel/plan.hpp"
#include "channel/transport.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace cardan::channel {

/// Of one communicator, whose ranks are split anew now and then: making a window and freeing it
/// costs more than all else that a channel does when it opens. All ranks have the same places, and
/// agree on one when a channel opens, once nobody writes any more to what it had.
class Pool {
 public:
  static constexpr std::size_t places = 16;
  /// What ranks say of their places: the largest number of all ranks holds.
  enum Offer : std::int64_t { nothing, enough, too_little, taken };
  using Offers = std::array<std::int64_t, places>;
  /// A place, or none: -1. What is `kept` there can be used as it is.
  struct Place {
    int number = -1;
    bool kept = false;
  };

  /// Whether this rank has enough at each place.
  [[nodiscard]] Offers offers(const std::array<std::size_t, kinds.size()>& bytes) const;
  /// The same on all ranks, given the largest of all ranks' offers.
  [[nodiscard]] Place find(TransportKind kind, const Offers& agreed) const;
  /// What is kept at a place.
  [[nodiscard]] std::unique_ptr<Transport> take(int place);
  /// Collective: frees what is kept at a place, to which `transport` with so many bytes belongs
  /// now.
  void assign(int place, TransportKind kind, std::size_t bytes);
  /// Keeps what belongs to a place.
  void keep(int place, std::unique_ptr<Transport> transport);
  /// Leaves everything to the end of the process.
  void abandon() noexcept;

  /// Bytes to make a window with, where ranks need at most `most`: small ones have room for what
  /// another role needs.
  static std::size_t room(std::size_t bytes, std::size_t most);

 private:
  struct Kept {
    TransportKind kind = TransportKind::shared;
    std::size_t bytes = 0;
    bool used = false;
    std::unique_ptr<Transport> transport;
  };
  std::array<Kept, places> kept_;
};

}  // namespace cardan::channel
