/// What asset and twin ranks write to each other in the headers of steering's lanes.
#pragma once

#include <cstdint>

namespace cardan::twin {

/// ReportHeader::tag of an observation: ReportHeader::step is its cycle. `values`: seconds left
/// until its deadline when it was sent (infinite where there is none), and until the next cycle
/// begins (NaN without a clock). What is absent carries no numbers: it says that nobody needs to
/// wait.
enum class Kind : std::int32_t { present, absent, late };

/// Behind an answer's own fields. DecisionHeader::step is the cycle that it answers.
struct Mark {
  /// The newest cycle whose observation is in it; -1: none.
  std::int64_t observed = -1;
  /// Whether all its numbers are finite.
  std::int64_t finite = 1;
  /// By the twin's clock.
  std::int64_t sent = 0;
};
inline constexpr const char* mark_field = "(twin)";
inline constexpr std::int64_t mark_numbers = 3;
static_assert(sizeof(Mark) == mark_numbers * sizeof(std::int64_t));

}  // namespace cardan::twin
