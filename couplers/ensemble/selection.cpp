#include "couplers/ensemble/selection.hpp"

#include <algorithm>
#include <cmath>

namespace cardan::ensemble {

// Greedy: like the choice of farthest points (Gonzalez 1985), but by score where points are far
// enough from one another.
std::vector<Pick> most_novel(const Points& points, std::span<const double> scores,
                             std::span<const char> allowed, std::size_t count, double spacing)
{
  std::vector<Pick> picks;
  std::vector<double> effective(scores.begin(), scores.end());
  std::vector<double> squares(points.size());
  for (std::size_t i = 0; i < effective.size(); ++i)
    if (allowed[i] == 0 || !std::isfinite(effective[i])) effective[i] = 0;
  const double square = spacing * spacing;
  while (picks.size() < count && !effective.empty()) {
    const auto best = std::max_element(effective.begin(), effective.end());
    if (!(*best > 0)) break;
    const auto slot = static_cast<std::size_t>(best - effective.begin());
    picks.push_back({slot, scores[slot], *best});
    points.squares(slot, squares);
    for (std::size_t i = 0; i < effective.size(); ++i)
      if (squares[i] < square)
        effective[i] = std::min(effective[i], scores[i] * std::sqrt(squares[i] / square));
    effective[slot] = 0;
  }
  return picks;
}

std::vector<std::size_t> any_of_slots(std::span<const char> allowed, std::size_t count,
                                      Random& random)
{
  std::vector<std::size_t> slots;
  for (std::size_t i = 0; i < allowed.size(); ++i)
    if (allowed[i] != 0) slots.push_back(i);
  const std::size_t taken = std::min(count, slots.size());
  for (std::size_t i = 0; i < taken; ++i)
    std::swap(slots[i], slots[i + random.below(slots.size() - i)]);
  slots.resize(taken);
  return slots;
}

std::vector<Subject> least_novel(std::span<const Subject> subjects, std::size_t count)
{
  std::vector<Subject> sorted(subjects.begin(), subjects.end());
  std::sort(sorted.begin(), sorted.end(), [](const Subject& one, const Subject& other) {
    return one.score != other.score ? one.score < other.score : one.member < other.member;
  });
  sorted.resize(std::min(count, sorted.size()));
  return sorted;
}

std::size_t quota(double share, std::size_t members)
{
  const double allowed = std::floor(share * static_cast<double>(members) + 1e-9);
  return share > 0 ? static_cast<std::size_t>(std::max(1.0, allowed)) : 0;
}

}  // namespace cardan::ensemble
