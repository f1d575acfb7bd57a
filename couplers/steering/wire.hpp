/// What simulation and ML ranks write to each other: the headers of reports and decisions.
#pragma once

#include "channel/lane.hpp"
#include "support/clock.hpp"

#include <cstdint>

namespace cardan::steering {

using cardan::clock;
using channel::read_header;
using channel::to_header;

/// The header of a slot (channel::Header) in a lane of reports; the first three belong to the lane.
struct ReportHeader {
  std::uint64_t sequence = 0;
  std::int64_t step = 0;
  std::int64_t count = 1;
  /// Of this rank, from 0; reports that were dropped count.
  std::int64_t number = 0;
  /// The coupler's.
  std::int32_t tag = 0;
  std::int32_t part = 0;
  /// When it was ready.
  std::int64_t clock = 0;
  double values[2] = {0, 0};
};

struct DecisionHeader {
  std::uint64_t sequence = 0;
  /// Of the report that it was made from.
  std::int64_t step = -1;
  std::int64_t count = 1;
  std::int64_t id = 0;
  std::uint32_t version = 0;
  /// The coupler's.
  std::int32_t tag = 0;
  /// When that report was ready, by the clock of the rank that sent it; 0: none.
  std::int64_t clock = 0;
  /// Seconds that inference and scoring took.
  double work = 0;
  /// Decisions for this rank that newer ones replaced before they could be sent, so far.
  std::int64_t superseded = 0;
};
static_assert(sizeof(ReportHeader) == sizeof(channel::Header));
static_assert(sizeof(DecisionHeader) == sizeof(channel::Header));

/// Behind a decision's fields: why, ended by a zero.
inline constexpr std::int64_t reason_bytes = 64;

}  // namespace cardan::steering
