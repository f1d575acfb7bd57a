// When a stage is done, who may still go on then, and when the run is over.

#include "couplers/pipeline/flow.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cardan::pipeline {

/// Whether all that a stage will ever decide is decided.
bool Flow::done(int stage) const
{
  if (waiting(stage) > 0 || at(stage).under_way > 0) return false;
  if (stage == 0) return described_.empty();
  const Station& feeds = at(stage - 1);
  return done(stage - 1) && (feeds.again == 0 || (feeds.again > 0 && feeds.held.empty()));
}

/// Those held back that may go on all the same, the best first, once all have been through.
void Flow::refill(double now)
{
  for (int stage = 0; stage < settings_.last(); ++stage) {
    if (!done(stage)) return;
    Station& here = at(stage);
    const auto& rule = of(stage);
    if (here.again < 0) {
      const double share = rule.promote.kind == PromoteSettings::Kind::best
                               ? rule.promote.share * static_cast<double>(count(stage).entered)
                           : settings_.has_budget()
                               ? rule.reconsider * static_cast<double>(count(stage).rejected)
                               : 0;
      here.again = static_cast<std::int64_t>(std::ceil(share - 1e-9));
    }
    auto& queue = at(stage + 1).queue;
    while (here.again > 0 && !here.held.empty() &&
           static_cast<std::int64_t>(queue.size()) < of(stage + 1).queue) {
      const auto [score, candidate] = *here.held.begin();
      here.held.erase(here.held.begin());
      --here.again;
      --count(stage).rejected;
      ledger_.decided({candidate, stage, score, std::numeric_limits<double>::quiet_NaN(),
                       Verdict::reconsidered, -1, ways_.at(candidate).version},
                      now);
      promote(stage, candidate, score, now);
    }
  }
}

bool Flow::over() const
{
  if (std::any_of(stations_.begin(), stations_.end(),
                  [](const Station& station) { return station.under_way > 0; }))
    return false;
  return spent() || done(settings_.last());
}

void Flow::close(double now)
{
  const auto nothing = std::numeric_limits<double>::quiet_NaN();
  for (const auto candidate : described_) {
    ++count(0).rejected;
    ledger_.decided({candidate, 0, nothing, nothing, Verdict::left_over, -1, 0}, now);
  }
  described_.clear();
  for (int stage = 1; stage <= settings_.last(); ++stage) {
    for (const auto& [score, candidate] : at(stage).queue) {
      --count(stage - 1).promoted;
      ++count(stage - 1).rejected;
      ledger_.decided({candidate, stage - 1, score, nothing, Verdict::left_over, -1,
                       ways_.at(candidate).version},
                      now);
    }
    at(stage).queue.clear();
  }
}

}  // namespace cardan::pipeline
