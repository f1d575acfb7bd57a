/// What clients and instances write to each other: the headers of requests and replies, and the
/// registry's word.
#pragma once

#include "channel/lane.hpp"
#include "support/clock.hpp"

#include <cardan/service.hpp>

#include <cstdint>

namespace cardan::service {

using cardan::clock;
using channel::read_header;
using channel::to_header;
inline std::int64_t nanoseconds(double seconds)
{
  // A year stands for ever: sums must not overflow.
  return static_cast<std::int64_t>((seconds < 3e7 ? seconds : 3e7) * 1e9);
}
inline double seconds(std::int64_t nanoseconds)
{
  return static_cast<double>(nanoseconds) * 1e-9;
}

enum class Verb : std::uint16_t { answer, drain, resume, swap };
/// `handed_back`: not tried; the client may ask elsewhere. `done`: a verb other than `answer`.
enum class Outcome : std::uint16_t { answered, handed_back, failed, done };

/// The header of a slot (channel::Header) in a lane of requests; the first two belong to the lane.
struct RequestHeader {
  std::uint64_t sequence = 0;
  std::int64_t step = 0;
  std::int64_t count = 0;
  std::int64_t ticket = 0;
  /// The oldest version that may answer; of `swap`, the version to reach.
  std::uint32_t version = 0;
  std::uint16_t attempt = 0;
  Verb verb = Verb::answer;
  /// When it was sent, by the client's clock.
  std::int64_t sent = 0;
  /// Seconds from then on that the client waits.
  float patience = 0;
  std::int32_t priority = 0;
  /// Bytes of the note behind the inputs.
  std::int64_t note = 0;
};

struct ReplyHeader {
  std::uint64_t sequence = 0;
  std::int64_t step = 0;
  std::int64_t count = 0;
  std::int64_t ticket = 0;
  std::uint32_t version = 0;
  std::uint16_t attempt = 0;
  Outcome outcome = Outcome::answered;
  /// Seconds.
  float queue = 0;
  float batch_wait = 0;
  float inference = 0;
  /// Requests that still wait at the instance.
  std::uint32_t queued = 0;
  std::uint64_t spare = 0;
};
static_assert(sizeof(RequestHeader) == sizeof(channel::Header));
static_assert(sizeof(ReplyHeader) == sizeof(channel::Header));

/// The registry's word: all that an instance says of itself in eight bytes, so that one store is
/// one consistent line. It stands beside the credit of the client's lane, in the client's memory.
struct Status {
  InstanceState state = InstanceState::starting;
  std::uint32_t queued = 0;
  std::uint32_t beat = 0;
  std::uint32_t version = 0;
};
inline constexpr std::uint32_t most_queued = (1U << 13) - 1;
inline constexpr std::uint32_t most_version = (1U << 28) - 1;

/// 3 bits of state, 13 of queued, 20 of beat (modulo), 28 of version.
inline std::uint64_t pack(const Status& status)
{
  const std::uint64_t queued = status.queued < most_queued ? status.queued : most_queued;
  return static_cast<std::uint64_t>(status.state) | queued << 3 |
         static_cast<std::uint64_t>(status.beat & 0xfffff) << 16 |
         static_cast<std::uint64_t>(status.version & most_version) << 36;
}
inline Status unpack(std::uint64_t word)
{
  return {static_cast<InstanceState>(word & 7), static_cast<std::uint32_t>(word >> 3) & most_queued,
          static_cast<std::uint32_t>(word >> 16) & 0xfffff, static_cast<std::uint32_t>(word >> 36)};
}

/// Which word of the line is what.
enum Word : std::size_t { status_word, load_word, warm_up_word };

}  // namespace cardan::service
