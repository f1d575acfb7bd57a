// Weighted ensembles: a round's members are resampled, bin by bin.

#include "couplers/ensemble/resampling.hpp"
#include "couplers/ensemble/verdict.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace cardan::ensemble {

namespace {

std::vector<double> point_of(const Mind& mind, std::size_t slot, std::size_t dimensions)
{
  std::vector<double> point(dimensions);
  for (std::size_t d = 0; d < dimensions; ++d) point[d] = mind.judge.coordinate(slot, d);
  return point;
}

/// With the ends of the window's frames where the run file says none.
Bins bins_of(const Mind& mind)
{
  const ResampleSettings& settings = mind.settings.resample;
  Bins bins{settings.bins, settings.lower, settings.upper};
  const std::size_t dimensions = bins.counts.size();
  std::vector<double> least(dimensions, std::numeric_limits<double>::infinity());
  std::vector<double> most(dimensions, -std::numeric_limits<double>::infinity());
  if (bins.lower.empty() || bins.upper.empty())
    for (std::size_t slot = 0; slot < mind.window.size(); ++slot)
      for (std::size_t d = 0; d < dimensions; ++d) {
        least[d] = std::min(least[d], mind.judge.coordinate(slot, d));
        most[d] = std::max(most[d], mind.judge.coordinate(slot, d));
      }
  if (bins.lower.empty()) bins.lower = least;
  if (bins.upper.empty()) bins.upper = most;
  return bins;
}

/// What a failed member's weight goes to where it has no frame left: the heaviest.
void leave_to_heaviest(std::vector<Walker>& walkers, double weight)
{
  const auto heaviest = std::max_element(
      walkers.begin(), walkers.end(),
      [](const Walker& one, const Walker& other) { return one.weight < other.weight; });
  if (heaviest != walkers.end()) heaviest->weight += weight;
}

}  // namespace

// A member that failed goes on from its own last frame: its weight is that frame's. One that came
// to its own end does the same, or keeps its weight there.
std::vector<Verdict> decide_weights(Mind& mind, std::span<const int> asked)
{
  std::vector<Verdict> verdicts;
  std::vector<Walker> walkers;
  std::vector<std::size_t> who;
  double lost = 0;
  mind.absorb();
  const Bins bins = bins_of(mind);
  for (const int member : asked) {
    Record& record = mind.members[static_cast<std::size_t>(member)];
    const bool has_frame = mind.window.find(record.newest) != nullptr;
    if (is_lost(mind, record)) {
      verdicts.push_back(leave(record, "failed too often"));
      lost += record.weight;
    } else if (record.kind == FrameKind::ended && !mind.settings.revive) {
      verdicts.push_back(leave(record, "ended"));
    } else if (!has_frame) {
      verdicts.push_back(reseed(mind, record, "not a number; there is no frame to go on from"));
    } else {
      const std::size_t slot = mind.window.slot(record.newest);
      const std::size_t bin = mind.ready() ? bins.of(point_of(mind, slot, bins.counts.size())) : 0;
      walkers.push_back({record.weight, bin});
      who.push_back(verdicts.size());
      verdicts.push_back(go_on(record, fmt::format("bin {}", bin)));
    }
  }
  leave_to_heaviest(walkers, lost);
  const auto descendants = resample(walkers, mind.random);
  // Frames first: a member's newest stays its own until its next report.
  for (std::size_t i = 0; i < descendants.size(); ++i) {
    Verdict& verdict = verdicts[who[i]];
    Record& record = mind.members[static_cast<std::size_t>(verdict.member)];
    const Descendant& now = descendants[i];
    if (now.parent != i || record.kind != FrameKind::frame) {
      const auto parent = static_cast<std::size_t>(verdicts[who[now.parent]].member);
      verdict = restart(mind, record, mind.members[parent].newest,
                        now.parent == i ? "from its own last frame"
                                        : fmt::format("bin {}: member {} is split",
                                                      walkers[now.parent].bin, parent));
    }
    verdict.weight = now.weight;
    verdict.score = static_cast<double>(walkers[now.parent].bin);
    record.weight = now.weight;
  }
  return verdicts;
}

}  // namespace cardan::ensemble
