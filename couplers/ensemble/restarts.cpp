// Members are sent to novel frames, or to any: those whose own way is the least novel.

#include "couplers/ensemble/selection.hpp"
#include "couplers/ensemble/verdict.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace cardan::ensemble {

namespace {

/// Novel frames beyond those that a choice needs.
constexpr std::size_t spares = 16;

struct Choice {
  std::int64_t frame = -1;
  double score = 0;
  double effective = 0;
  std::string reason;
};

std::string novelty_text(double score, std::size_t rank, std::size_t of)
{
  return fmt::format("novelty {:.3g}, rank {} of {}", score, rank, of);
}

/// The most novel frames; those beyond `count` are kept as spares.
std::vector<Choice> novel(Mind& mind, std::size_t count)
{
  std::vector<Choice> choices;
  if (!mind.ready()) return choices;
  mind.absorb();
  const auto picks = most_novel(mind.judge.points(), mind.judge.scores(), mind.allowed(),
                                count + spares, mind.judge.spacing());
  mind.spare.clear();
  for (std::size_t i = 0; i < picks.size(); ++i) {
    const auto id = mind.window.at(picks[i].slot).id;
    if (i < count)
      choices.push_back({id, picks[i].score, picks[i].effective,
                         novelty_text(picks[i].score, i + 1, std::min(count, picks.size()))});
    else
      mind.spare.push_back(id);
  }
  return choices;
}

std::vector<Choice> any(Mind& mind, std::size_t count)
{
  std::vector<Choice> choices;
  for (const auto slot : any_of_slots(mind.allowed(), count, mind.random))
    choices.push_back({mind.window.at(slot).id, 0, 0, "a frame at random"});
  return choices;
}

/// A frame that was novel when frames were scored last; those that are gone are passed over.
bool from_spares(Mind& mind, Choice& choice)
{
  while (!mind.spare.empty()) {
    const std::int64_t id = mind.spare.front();
    mind.spare.erase(mind.spare.begin());
    const Frame* const frame = mind.window.find(id);
    if (frame == nullptr) ++mind.overwritten;
    if (frame == nullptr || !mind.allows(*frame)) continue;
    choice = {id, 0, 0, "novel when frames were scored last"};
    return true;
  }
  return false;
}

/// Members that cannot go on as they are, and those that may be sent elsewhere.
struct Sorted {
  std::vector<std::size_t> must;
  std::vector<std::size_t> may;
};

Sorted sorted(const Mind& mind, std::span<const int> asked)
{
  Sorted sorted;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const Record& record = mind.members[static_cast<std::size_t>(asked[i])];
    const bool revives = mind.settings.revive && mind.settings.mode != Mode::none;
    if (record.kind == FrameKind::failed ? !is_lost(mind, record)
                                         : record.kind == FrameKind::ended && revives)
      sorted.must.push_back(i);
    else if (record.kind == FrameKind::frame && mind.settings.mode != Mode::none &&
             record.segment - record.sent_at >= mind.settings.grace)
      sorted.may.push_back(i);
  }
  return sorted;
}

std::string because(const Record& record, const std::string& reason)
{
  if (record.kind == FrameKind::failed) return "not a number; " + reason;
  if (record.kind == FrameKind::ended) return "ended; " + reason;
  return reason;
}

void apply(Mind& mind, Record& record, const Choice& choice, Verdict& verdict)
{
  verdict = restart(mind, record, choice.frame, because(record, choice.reason));
  verdict.score = choice.score;
}

/// Those that may be sent elsewhere: the least novel first, or in an order of chance.
std::vector<Subject> order(Mind& mind, std::span<const int> asked, std::vector<std::size_t>& may,
                           std::size_t count)
{
  std::vector<Subject> subjects;
  if (mind.settings.mode == Mode::random) {
    const std::vector<char> all(may.size(), 1);
    for (const auto i : any_of_slots(all, count, mind.random))
      subjects.push_back({static_cast<int>(may[i]), -1});
    return subjects;
  }
  for (const auto i : may)
    subjects.push_back(
        {static_cast<int>(i), mind.score_of(mind.members[static_cast<std::size_t>(asked[i])])});
  return least_novel(subjects, count);
}

std::size_t running(const Mind& mind)
{
  return static_cast<std::size_t>(
      std::count_if(mind.members.begin(), mind.members.end(),
                    [](const Record& record) { return record.runs && record.here; }));
}

}  // namespace

std::vector<Verdict> decide_restarts(Mind& mind, std::span<const int> asked)
{
  const auto record_of = [&](std::size_t i) -> Record& {
    return mind.members[static_cast<std::size_t>(asked[i])];
  };
  std::vector<Verdict> verdicts;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    Record& record = record_of(i);
    const bool over = is_lost(mind, record) || record.kind == FrameKind::ended;
    verdicts.push_back(over ? leave(record, is_lost(mind, record) ? "failed too often" : "ended")
                            : go_on(record, "goes on"));
  }
  Sorted who = sorted(mind, asked);
  const std::size_t most =
      who.may.empty() ? 0 : std::min(quota(mind.settings.restarts, running(mind)), who.may.size());
  const bool by_novelty = mind.settings.mode == Mode::novelty;
  Choice spare;
  std::vector<Choice> choices;
  const bool quick = by_novelty && most == 0 && who.must.size() == 1 && from_spares(mind, spare);
  if (quick)
    choices.push_back(spare);
  else if (by_novelty && who.must.size() + most > 0)
    choices = novel(mind, who.must.size() + most);
  else if (who.must.size() + most > 0)
    choices = any(mind, who.must.size() + most);

  std::size_t next = 0;
  for (const auto i : who.must) {
    Record& record = record_of(i);
    record.runs = true;
    // Where nothing is novel (yet): any frame, or a new beginning.
    const auto other = next < choices.size() ? std::vector<Choice>{} : any(mind, 1);
    if (next < choices.size())
      apply(mind, record, choices[next++], verdicts[i]);
    else if (!other.empty())
      apply(mind, record, other[0], verdicts[i]);
    else
      verdicts[i] = reseed(mind, record, because(record, "there is no frame to go on from"));
  }
  if (most > 0 && (!by_novelty || mind.ready()))
    for (const auto& subject : order(mind, asked, who.may, most)) {
      const auto i = static_cast<std::size_t>(subject.member);
      if (next >= choices.size() || (by_novelty && choices[next].effective <= subject.score)) break;
      apply(mind, record_of(i), choices[next++], verdicts[i]);
    }
  return verdicts;
}

}  // namespace cardan::ensemble
