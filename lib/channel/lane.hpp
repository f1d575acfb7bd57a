/// Lanes: one producer, one consumer, a ring of slots between them. A channel is a set of lanes.
#pragma once

#include "channel/plan.hpp"
#include "channel/transport.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace cardan::channel {

/// What stands before a slot's data: 64 bytes whose meaning belongs to the coupler, but for the
/// first two.
struct Header {
  std::int64_t count = 0;
  std::int64_t step = 0;
  std::int64_t ticket = 0;
  std::int64_t version = 0;
  std::int64_t age_step = 0;
  double values[3] = {0, 0, 0};
};
static_assert(sizeof(Header) == line);

/// The producing end. Neither blocking nor collective; nothing is allocated after the first use of
/// a field.
class OutLane {
 public:
  OutLane(Transport& transport, const LanePlan& plan, std::size_t peer_skew, std::size_t own_skew,
          int depth);
  [[nodiscard]] int consumer() const { return plan_.consumer; }
  [[nodiscard]] std::int64_t capacity() const { return plan_.capacity; }
  /// Whether the next slot is free.
  [[nodiscard]] bool room() const;
  /// Boxes: writes the overlap of field `part` into the next slot.
  void put_box(std::size_t part, const Field& field);
  /// Batches: writes samples [first, first + count) of a field at sample `at` of the next slot.
  void put_samples(std::size_t part, const Field& field, std::int64_t first, std::int64_t count,
                   std::int64_t at = 0);
  /// Makes the slot the consumer's.
  void publish(const Header& header);
  /// Says that nothing more comes; what is in the ring is still read.
  void close();

 private:
  Route& route(std::size_t part, const Field& field, bool sample);
  [[nodiscard]] std::size_t slot() const;

  Transport& transport_;
  LanePlan plan_;
  std::size_t depth_;
  std::uint64_t next_ = 0;
  bool closed_ = false;
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
  InLane(Transport& transport, const LanePlan& plan, std::size_t peer_skew, std::size_t own_skew,
         int depth);
  [[nodiscard]] int producer() const { return plan_.producer; }
  [[nodiscard]] std::int64_t capacity() const { return plan_.capacity; }
  /// Whether a slot waits to be read.
  [[nodiscard]] bool ready() const;
  /// Whether the producer has closed and all is read.
  [[nodiscard]] bool drained() const;
  [[nodiscard]] const Header& header() const;
  /// Where field `part` of the waiting slot begins (batches), row-major and dense.
  [[nodiscard]] const std::byte* data(std::size_t part) const;
  /// Where the waiting slot begins.
  [[nodiscard]] const std::byte* slot() const;
  /// Gives the slot back to the producer.
  void release();

 private:
  Transport& transport_;
  LanePlan plan_;
  std::size_t depth_;
  std::uint64_t next_ = 0;
};

}  // namespace cardan::channel
