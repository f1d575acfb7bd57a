/// What simulation and ML ranks write to each other. A message is the bytes of one slot, or a piece
/// of what is larger than a slot.
#pragma once

#include "channel/lane.hpp"
#include "support/clock.hpp"

#include <cstdint>

namespace cardan::reduction {

using cardan::clock;
using channel::read_header;
using channel::to_header;

enum class Kind : std::uint32_t {
  /// A put: PutHead, a FieldHead for each field, and the bytes of each.
  put,
  /// A piece of a version of the encoder.
  encoder,
  /// What the controller has decided.
  decision
};

/// The header of a slot (channel::Header); the first three belong to the lane.
struct MessageHeader {
  std::uint64_t sequence = 0;
  std::int64_t step = 0;
  /// Bytes.
  std::int64_t count = 0;
  /// Puts: of this rank, from 0, those that were left out included.
  std::int64_t number = 0;
  std::uint32_t version = 0;
  Kind kind = Kind::put;
  /// Encoders: where this piece lies in all of its bytes.
  std::int64_t offset = 0;
  std::int64_t total = 0;
  double spare = 0;
};
static_assert(sizeof(MessageHeader) == sizeof(channel::Header));

struct PutHead {
  /// The controller's decision that it follows.
  std::int64_t decision = 0;
  /// Of the original, where one is named.
  double quantity = 0;
  /// Seconds that the put took, and since the one before that was sent; 0: there was none.
  double seconds = 0;
  double period = 0;
  std::int64_t raw_bytes = 0;
};

struct FieldHead {
  double eps = 0;
  double max_error = 0;
  std::uint64_t checksum = 0;
  std::uint64_t bytes = 0;
};

/// What the controller has decided.
struct Decision {
  std::int64_t number = 0;
  /// Of the run file's eps.
  double scale = 1;
  std::int64_t stride = 1;
  double still = 0;
};

/// What a receiver tells the first of them of a put.
struct Note {
  std::int64_t step = 0;
  std::int64_t number = 0;
  std::int64_t rank = 0;
  std::int64_t decision = 0;
  double original = 0;
  double reconstructed = 0;
  double seconds = 0;
  double period = 0;
};

}  // namespace cardan::reduction
