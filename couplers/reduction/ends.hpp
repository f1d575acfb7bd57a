/// The lanes of one reduction: puts to ML ranks, encoders and decisions back.
#pragma once

#include "channel/lanes.hpp"
#include "couplers/reduction/settings.hpp"
#include "session/context.hpp"

#include <cardan/reduction.hpp>

#include <memory>
#include <vector>

namespace cardan::reduction {

/// Collective over the simulation ranks: throws on all of them where one of them declares what
/// cannot be reduced, or they differ in more than the extents of the grid.
void check_fields(const Context& context, const Settings& settings,
                  const std::vector<ReductionField>& mine);

/// Bytes of a slot on the way back.
inline constexpr std::int64_t piece_bytes = std::int64_t{64} << 10;

struct Ends {
  /// Collective over the session and blocking; the same error on all ranks. Simulation ranks give
  /// their fields and the most bytes of a put, ML ranks nothing. Without ML ranks there are no
  /// lanes.
  Ends(const Context& context, const Settings& settings, const std::vector<ReductionField>& mine,
       std::size_t most_bytes);

  /// ML ranks that receive, and simulation ranks, in the session's numbering. The first receiver
  /// leads: it trains, and decides.
  std::vector<int> receivers;
  std::vector<int> simulation;
  /// This ML rank's place among the receivers; -1: none.
  int index = -1;
  /// By simulation rank.
  std::vector<std::vector<ReductionField>> fields;
  /// Simulation ranks have one lane out; receivers one in for each of `senders` (counted among the
  /// simulation ranks).
  std::unique_ptr<channel::Lanes> puts;
  std::vector<int> senders;
  /// From the lead: to the other receivers, then to all simulation ranks.
  std::unique_ptr<channel::Lanes> back;
  /// From the other receivers to the lead; null where there is one only.
  std::unique_ptr<channel::Lanes> notes;

  void close();
  void abandon() noexcept;
};

/// A piece of memory as a batch of bytes.
Field as_bytes(const std::byte* bytes, std::size_t count);

}  // namespace cardan::reduction
