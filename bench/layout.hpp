/// Which part of the global array is whose, and where two ranks' parts overlap.
#pragma once

#include "team.hpp"
#include "values.hpp"

#include <cstddef>
#include <vector>

namespace bench {

/// Slots that the references have for each consumer.
inline constexpr std::uint64_t slots = 2;

/// A pair that overlaps, seen from one of the two.
struct Lane {
  /// The other's number among producers or consumers, its rank, and its part.
  int peer = 0;
  int rank = 0;
  Part part;
  Part overlap;
};

/// One rank's view of a global array that producers hold in equal parts and consumers as evenly as
/// can be.
struct Layout {
  Layout(const Team& team, std::int64_t per_producer, std::int64_t grain = 1);
  /// Whether every consumer has a part.
  static bool fits(const Team& team, std::int64_t per_producer, std::int64_t grain = 1);

  std::int64_t per_producer;
  std::int64_t global;
  Part mine;
  std::vector<Lane> lanes;
};

/// Where the references keep what they share, in bytes from the begin of a rank's memory: each cell
/// on a line of its own.
struct Places {
  Places(const Team& team)
      : producers(static_cast<std::size_t>(team.producers)),
        consumers(static_cast<std::size_t>(team.consumers))
  {}

  static constexpr std::size_t line = 64;
  std::size_t producers;
  std::size_t consumers;

  /// Of a consumer: a producer's flag, and a slot of the consumer's whole part.
  [[nodiscard]] static std::size_t flag(int producer)
  {
    return line * static_cast<std::size_t>(producer);
  }
  [[nodiscard]] std::size_t slot(std::uint64_t step, const Part& part) const;
  /// Of a producer: a consumer's credit, its decision, and the decision's flag.
  [[nodiscard]] static std::size_t credit(int consumer)
  {
    return line * static_cast<std::size_t>(consumer);
  }
  [[nodiscard]] std::size_t decision(int consumer) const;
  [[nodiscard]] std::size_t decision_flag(int consumer) const { return decision(consumer) + line; }
  /// All of a rank's memory, and a line more to begin at a line.
  [[nodiscard]] std::size_t bytes(const Team& team, const Layout& layout) const;
};

/// The first line's begin in memory that may begin anywhere.
std::byte* align(void* memory);

}  // namespace bench
