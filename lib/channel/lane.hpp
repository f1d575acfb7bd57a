/// Lanes: one producer, one consumer, a ring of slots between them. A channel is a set of lanes.
/// Steps are numbered from 0; step k lies in slot k modulo the depth.
#pragma once

#include "channel/plan.hpp"
#include "channel/transport.hpp"

#include <bit>
#include <cstdint>
#include <memory>
#include <vector>

namespace cardan::channel {

/// What stands before a slot's data: 64 bytes whose meaning belongs to the coupler, but for the
/// first three.
struct Header {
  /// The number of the step that the slot holds, plus one; `busy` while it is written over.
  std::uint64_t sequence = 0;
  std::int64_t step = 0;
  std::int64_t count = 0;
  std::int64_t ticket = 0;
  std::uint32_t version = 0;
  std::uint32_t trained_steps = 0;
  std::int64_t age_step = 0;
  double values[2] = {0, 0};
};
static_assert(sizeof(Header) == line);

/// The same bytes as a coupler reads and writes them: a struct of its own whose first three members
/// are the header's.
template <class T>
T read_header(const Header& header)
{
  return std::bit_cast<T>(header);
}
template <class T>
Header to_header(const T& header)
{
  return std::bit_cast<Header>(header);
}

inline constexpr std::uint64_t busy = ~std::uint64_t{0};

/// In the line of a lane's credit, behind it: the step that is being read, plus one; then words
/// that are the coupler's.
inline constexpr std::size_t pin_offset = sizeof(std::uint64_t);
inline constexpr std::size_t said_offset = 2 * sizeof(std::uint64_t);
inline constexpr std::size_t said_words = line / sizeof(std::uint64_t) - 2;

/// What an end of a lane needs.
struct LaneEnd {
  Transport* transport;
  LanePlan plan;
  int depth;
  Policy policy;
  /// Seconds.
  double deadline;
};

/// The producing end. Neither blocking nor collective; nothing is allocated after the first use of
/// a field.
class OutLane {
 public:
  OutLane(const LaneEnd& end, std::int64_t capacity);
  [[nodiscard]] int consumer() const { return plan_.consumer; }
  /// The most samples of a slot.
  [[nodiscard]] std::int64_t capacity() const { return plan_.link.count; }
  /// The part of a batch of `total` samples that this lane carries.
  [[nodiscard]] Cut cut(std::int64_t total) const
  {
    return channel::cut(plan_.link, total_capacity_, total);
  }
  /// Whether the next slot is free: what it held was released.
  [[nodiscard]] bool room() { return holds_[index_] <= credit_ || look_for_room(); }
  /// Takes the next slot back from the step that it holds, for the next one. False where the
  /// consumer is reading it. `unread` says whether a step was lost. Where the transport cannot take
  /// anything back, the next step is parked with this rank instead, until its slot is free.
  [[nodiscard]] bool reclaim(bool& unread);
  /// Sends a parked step if its slot is free now, or gives it up for the next one; says whether it
  /// was lost.
  [[nodiscard]] bool unpark();
  /// Boxes: writes the overlap of field `part` into the next slot.
  void put_box(std::size_t part, const Field& field);
  /// Batches: writes samples [first, first + count) of a field at sample `at` of the next slot.
  void put_samples(std::size_t part, const Field& field, std::int64_t first, std::int64_t count,
                   std::int64_t at = 0);
  /// The next slot's memory where this rank can store to it; null elsewhere.
  [[nodiscard]] std::byte* mapped() const { return transport_->mapped(peer_, slot()); }
  [[nodiscard]] const std::vector<Part>& parts() const { return plan_.parts; }
  [[nodiscard]] bool lands() const { return plan_.lands; }
  /// Makes the slot the consumer's.
  void publish(const Header& header);
  /// Leaves a step out.
  void skip() { step_on(); }
  /// Says that nothing more comes; what is in the ring is still read. Waits for a parked step's
  /// slot.
  void close();
  /// How many steps were offered.
  [[nodiscard]] std::uint64_t offered() const { return next_; }
  /// What the consumer wrote beside the credit (see InLane::say); 0 before that.
  [[nodiscard]] std::uint64_t said(std::size_t word)
  {
    return transport_->look(plan_.credit + said_offset + word * sizeof(std::uint64_t));
  }

 private:
  Route& route(std::size_t part, const Field& field, bool sample);
  [[nodiscard]] bool look_for_room();
  void step_on()
  {
    ++next_;
    if (++index_ == depth_) index_ = 0;
  }
  void step_back()
  {
    --next_;
    index_ = (index_ == 0 ? static_cast<std::size_t>(depth_) : index_) - 1;
  }
  [[nodiscard]] std::size_t slot() const { return plan_.slots + index_ * plan_.stride; }

  Transport* transport_;
  LanePlan plan_;
  int peer_;
  std::uint64_t depth_;
  std::int64_t total_capacity_;
  std::uint64_t next_ = 0;
  /// The next step's slot.
  std::size_t index_ = 0;
  /// What the consumer had released when it was last looked at.
  std::uint64_t credit_ = 0;
  bool closed_ = false;
  bool parked_ = false;
  double deadline_;
  /// What each slot holds, as its header says.
  std::vector<std::uint64_t> holds_;
  /// A prepared move for each field, and the strides that it was prepared for.
  struct Prepared {
    std::unique_ptr<Route> route;
    Extents strides;
  };
  std::vector<Prepared> prepared_;
};

/// The consuming end.
class InLane {
 public:
  explicit InLane(const LaneEnd& end);
  [[nodiscard]] int producer() const { return plan_.producer; }
  [[nodiscard]] std::int64_t capacity() const { return plan_.link.count; }
  [[nodiscard]] std::uint64_t next() const { return next_; }

  /// Whether the next step waits to be read.
  [[nodiscard]] bool ready() { return newest_ > next_ || look() > next_; }
  /// Whether the producer has closed and all is read.
  [[nodiscard]] bool drained() { return !ready() && closed_; }
  /// Whether the producer has closed; `look` then gives the number of its steps.
  [[nodiscard]] bool closed() const { return closed_; }
  /// How many steps the producer is known to have offered.
  std::uint64_t look();
  [[nodiscard]] std::uint64_t known() const { return newest_; }
  /// Which step a slot holds, plus one; 0 for none yet, or `busy`.
  [[nodiscard]] std::uint64_t held(std::uint64_t slot) const;
  /// Whether a step that the producer has offered lies whole in its slot.
  [[nodiscard]] bool holds(std::uint64_t step) const { return held(step % depth_) == step + 1; }
  /// Tells the producer not to write over a step (plus one; 0 for none).
  void pin(std::uint64_t step_plus_one);

  /// Of the next step: what stands before it, where field `part` begins (batches, row-major and
  /// dense), where the slot begins.
  [[nodiscard]] const Header& header() const
  {
    return *reinterpret_cast<const Header*>(memory_ + plan_.headers + index_ * line);
  }
  [[nodiscard]] const std::byte* data(std::size_t part) const
  {
    return slot() + plan_.parts[part].offset;
  }
  [[nodiscard]] const std::byte* slot() const
  {
    return memory_ + plan_.slots + index_ * plan_.stride;
  }
  [[nodiscard]] bool lands() const { return plan_.lands; }
  /// The same of any step that waits, for readers that do not go in order; slots are released in
  /// order all the same.
  [[nodiscard]] const Header& header_of(std::uint64_t step) const
  {
    return *reinterpret_cast<const Header*>(memory_ + plan_.headers + step % depth_ * line);
  }
  [[nodiscard]] const std::byte* data_of(std::uint64_t step, std::size_t part) const
  {
    return memory_ + plan_.slots + step % depth_ * plan_.stride + plan_.parts[part].offset;
  }
  /// Writes a word of the coupler's beside the credit, in the producer's memory.
  void say(std::size_t word, std::uint64_t value)
  {
    transport_->raise(peer_, plan_.credit + said_offset + word * sizeof(std::uint64_t), value);
  }
  [[nodiscard]] TransportKind transport() const { return transport_->kind(); }
  /// Moves what landed beside the slot into it.
  void land(std::byte* slot) const;
  /// Goes on to a later step without reading; the slots before it are free once `release` is
  /// called.
  void advance(std::uint64_t step)
  {
    next_ = step;
    index_ = static_cast<std::size_t>(step % depth_);
  }
  /// The next step's slot.
  [[nodiscard]] std::size_t index() const { return index_; }
  /// Gives the next step's slot back to the producer.
  void release();
  /// Gives all slots before the next step back.
  void give_credit();

 private:
  Transport* transport_;
  LanePlan plan_;
  int peer_;
  const std::byte* memory_;
  std::uint64_t depth_;
  Policy policy_;
  std::uint64_t next_ = 0;
  std::size_t index_ = 0;
  std::uint64_t newest_ = 0;
  std::uint64_t credited_ = 0;
  bool closed_ = false;
};

}  // namespace cardan::channel
