#include "couplers/ensemble/verdict.hpp"

namespace cardan::ensemble {

using Action = MemberDecision::Action;

std::vector<Verdict> decide(Mind& mind, std::span<const int> asked)
{
  switch (mind.settings.mode) {
    case Mode::resample: return decide_weights(mind, asked);
    case Mode::swarm: return decide_swarm(mind, asked);
    case Mode::novelty:
    case Mode::random:
    case Mode::none: break;
  }
  return decide_restarts(mind, asked);
}

Verdict go_on(const Record& record, std::string reason)
{
  Verdict verdict;
  verdict.member = record.member;
  verdict.weight = record.weight;
  verdict.reason = std::move(reason);
  return verdict;
}

Verdict restart(Mind& mind, Record& record, std::int64_t frame, std::string reason)
{
  Verdict verdict = go_on(record, std::move(reason));
  Frame& from = *mind.window.find(frame);
  ++from.restarts;
  verdict.action = Action::restart;
  verdict.frame = frame;
  verdict.from_member = from.member;
  verdict.from_segment = from.segment;
  mind.sent(record);
  return verdict;
}

Verdict reseed(Mind& mind, Record& record, std::string reason)
{
  Verdict verdict = go_on(record, std::move(reason));
  verdict.action = Action::reseed;
  mind.sent(record);
  return verdict;
}

Verdict leave(Record& record, std::string reason)
{
  Verdict verdict = go_on(record, std::move(reason));
  if (record.kind == FrameKind::failed) verdict.action = Action::stop;
  record.runs = false;
  return verdict;
}

bool is_lost(const Mind& mind, const Record& record)
{
  return record.kind == FrameKind::failed && record.failures > mind.settings.failures;
}

}  // namespace cardan::ensemble
