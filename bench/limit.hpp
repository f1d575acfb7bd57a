/// The limit: what a step costs where everything is written by hand for one node. Memory that all
/// map, two slots for each consumer, the piece copied into the reader's slot, sequence numbers by
/// release and acquire.
#pragma once

#include "layout.hpp"
#include "sources.hpp"
#include "waiting.hpp"
#include "way.hpp"

#include <array>
#include <cstring>
#include <memory>
#include <vector>

namespace bench {

/// The memory and its sequence numbers; who copies what is not its business.
class SharedSlots {
 public:
  /// Collective.
  SharedSlots(const Team& team, const Layout& layout);

  /// Producer: a consumer's next slot, free to be written.
  std::int64_t* wait_for_room(std::size_t lane);
  /// Producer: what was written there is whole; and, after the last lane, on to the next step.
  void publish(std::size_t lane) { store(lanes_[lane].flag, sent_ + 1); }
  void advance() { ++sent_; }
  void await(std::span<Decision> decisions);

  /// Consumer: its next whole slot, and giving it back.
  std::span<const std::int64_t> wait_for_step();
  void release();
  void answer(const Decision& decision);

 private:
  /// Addresses of what a pair shares, as this rank maps it.
  struct Shared {
    std::byte* flag;
    std::byte* credit;
    std::byte* decision;
    std::byte* decision_flag;
    std::array<std::int64_t*, slots> ring;
  };
  std::byte* memory_of(int rank) const;

  Window window_;
  std::vector<Shared> lanes_;
  std::size_t count_ = 0;
  Sequence sent_ = 0;
  Sequence received_ = 0;
  Sequence decided_ = 0;
};

/// A way through such memory. `Copy` is called with a lane, the step and the consumer's slot.
template <class Copy>
class SharedWay : public Way {
 public:
  /// Collective.
  SharedWay(const Team& team, const Layout& layout, Copy copy)
      : slots_(team, layout), lanes_(layout.lanes), copy_(copy)
  {}

  void send(std::int64_t step) override
  {
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
      copy_(lanes_[i], step, slots_.wait_for_room(i));
      slots_.publish(i);
    }
    slots_.advance();
  }
  void await(std::span<Decision> decisions) override { slots_.await(decisions); }
  std::uint64_t receive(std::int64_t step, const Read& read) override
  {
    const std::uint64_t sum = read(slots_.wait_for_step(), values(step));
    slots_.release();
    return sum;
  }
  void answer(std::int64_t /*step*/, const Decision& decision) override { slots_.answer(decision); }

 private:
  SharedSlots slots_;
  std::vector<Lane> lanes_;
  Copy copy_;
};

/// Collective: the limit for arrays without gaps, by memcpy. Borrows the sources.
std::unique_ptr<Way> make_limit(const Team& team, const Layout& layout, const Sources& sources);

}  // namespace bench
