// A swarm: members minimise, and share an archive of what they found.

#include "couplers/ensemble/verdict.hpp"

#include <fmt/format.h>

namespace cardan::ensemble {

namespace {

Verdict elsewhere(Mind& mind, Record& record, const std::string& why)
{
  if (mind.minima.empty() || mind.random.uniform() < mind.settings.swarm.fresh)
    return reseed(mind, record, why + "anew");
  const Minimum& minimum = mind.minima.choose(mind.random);
  Verdict verdict = go_on(record, fmt::format("{}from minimum {:.6g}, visit {}", why,
                                              minimum.objective, minimum.visits));
  verdict.action = MemberDecision::Action::restart;
  verdict.minimum = &minimum;
  verdict.from_member = minimum.member;
  verdict.from_segment = minimum.segment;
  verdict.score = minimum.objective;
  mind.sent(record);
  return verdict;
}

}  // namespace

std::vector<Verdict> decide_swarm(Mind& mind, std::span<const int> asked)
{
  std::vector<Verdict> verdicts;
  for (const int member : asked) {
    Record& record = mind.members[static_cast<std::size_t>(member)];
    if (is_lost(mind, record))
      verdicts.push_back(leave(record, "failed too often"));
    else if (record.kind == FrameKind::failed)
      verdicts.push_back(elsewhere(mind, record, "not a number; "));
    else if (record.kind == FrameKind::ended)
      verdicts.push_back(mind.settings.revive ? elsewhere(mind, record, "ended; ")
                                              : leave(record, "ended"));
    else if (record.idle >= mind.settings.swarm.patience)
      verdicts.push_back(
          elsewhere(mind, record, fmt::format("{} segments without a new best; ", record.idle)));
    else
      verdicts.push_back(go_on(record, "goes on"));
  }
  return verdicts;
}

}  // namespace cardan::ensemble
