/// Which frames are worth going on from, and which members go there.
#pragma once

#include "couplers/ensemble/points.hpp"
#include "support/splitmix.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace cardan::ensemble {

struct Pick {
  std::size_t slot = 0;
  /// As it was given; and after those that were picked before.
  double score = 0;
  double effective = 0;
};

/// Up to `count` of the points that are `allowed` (by slot), the most novel first. A point that
/// lies closer than `spacing` to one that was picked before counts less, in proportion: two are
/// never picked in one place. Of equal ones the lowest slot.
std::vector<Pick> most_novel(const Points& points, std::span<const double> scores,
                             std::span<const char> allowed, std::size_t count, double spacing);
/// As many, each equally likely, no one twice.
std::vector<std::size_t> any_of_slots(std::span<const char> allowed, std::size_t count,
                                      Random& random);

/// A member that may be sent elsewhere, with the score of its own newest frame.
struct Subject {
  int member = 0;
  double score = 0;
};
/// Those of the lowest scores, lowest first; of equal ones the lowest member.
std::vector<Subject> least_novel(std::span<const Subject> subjects, std::size_t count);

/// How many of so many members may be restarted at once.
std::size_t quota(double share, std::size_t members);

}  // namespace cardan::ensemble
