#include "couplers/ensemble/mind.hpp"

#include <algorithm>

namespace cardan::ensemble {

namespace {

std::optional<Embedding> embedding_of(const Config& run_file, const EnsembleSettings& settings,
                                      const EnsembleShape& shape, const DeciderPlace& place)
{
  if (!settings.has_model) return std::nullopt;
  return std::optional<Embedding>(std::in_place, run_file, settings, shape.descriptor,
                                  place.seed + 1, place.threads);
}

bool by_model(Score score)
{
  return score == Score::spread || score == Score::error;
}

}  // namespace

Mind::Mind(const Config& run_file, const EnsembleSettings& wanted, const EnsembleShape& shape,
           const DeciderPlace& place)
    : settings(wanted),
      window(settings.window, shape, settings.ranks_per_member),
      random(place.seed * 1000003U + 11),
      embedding(embedding_of(run_file, settings, shape, place)),
      judge(settings, settings.space == Space::latent ? embedding->numbers()
                                                      : static_cast<std::size_t>(shape.descriptor)),
      minima(settings.swarm),
      chronicle(static_cast<std::size_t>(shape.descriptor)),
      judges_(settings.mode == Mode::novelty || settings.mode == Mode::resample)
{
  for (int member = 0; member < settings.members; ++member) {
    members.emplace_back();
    members.back().member = member;
  }
}

void Mind::take(const Arrived& frame)
{
  Record& record = members[static_cast<std::size_t>(frame.member)];
  record.reported = true;
  record.runs = true;
  record.kind = frame.kind;
  record.segment = frame.segment;
  record.clock = frame.clock;
  record.time = frame.time;
  record.weight = frame.weight;
  if (frame.kind == FrameKind::failed) {
    ++record.failures;
    record.way.clear();
    return;
  }
  Frame kept;
  kept.member = frame.member;
  kept.segment = frame.segment;
  kept.time = frame.time;
  kept.weight = frame.weight;
  kept.objective = frame.objective;
  kept.last = frame.kind == FrameKind::ended;
  if (settings.lag > 0 && frame.segment >= record.way_from) {
    for (const auto& [segment, id] : record.way)
      if (segment == frame.segment - settings.lag) kept.before = id;
    if (record.way.size() > static_cast<std::size_t>(settings.lag))
      record.way.erase(record.way.begin());
    record.way.emplace_back(frame.segment, window.next());
  }
  record.newest = window.add(kept, frame.descriptor, frame.state);
  if (embedding) embedding->see(window, record.newest);
  // No frame may be overwritten before it had a place: slots would not be the window's any more.
  if (window.next() - absorbed_ >= static_cast<std::int64_t>(window.capacity())) absorb();
  if (settings.mode != Mode::swarm) return;
  static_cast<void>(
      minima.add(frame.objective, frame.descriptor, frame.state, frame.member, frame.segment));
  const bool better = frame.objective < record.best - settings.swarm.tolerance;
  record.idle = better ? 0 : record.idle + 1;
  if (better) record.best = frame.objective;
}

/// Where members do not wait, a decision is followed a segment or two after the frame that led to
/// it.
void Mind::sent(Record& record)
{
  const std::int64_t under_way = settings.barrier ? 0 : 1;
  record.sent_at = record.segment + under_way;
  record.way.clear();
  record.way_from = record.segment + 1 + 2 * under_way;
  record.best = std::numeric_limits<double>::infinity();
  record.idle = 0;
}

void Mind::evaluate(std::int64_t first, std::size_t count)
{
  if (!embedding) return;
  embedded_.assign(count * embedding->numbers(), 0);
  given_.assign(count, 0);
  if (embedding->version() > 0)
    embedding->evaluate(window, first, count, embedded_.data(), given_.data());
}

std::span<const double> Mind::point(std::int64_t first, std::size_t index) const
{
  if (settings.space == Space::descriptor)
    return window.descriptor(first + static_cast<std::int64_t>(index));
  const std::size_t numbers = embedding->numbers();
  return {&embedded_[index * numbers], numbers};
}

void Mind::absorb()
{
  if (!judges_) return;
  const auto count = static_cast<std::size_t>(window.next() - absorbed_);
  if (count == 0) return;
  evaluate(absorbed_, count);
  for (std::size_t i = 0; i < count; ++i) judge.add(point(absorbed_, i), embedding ? given_[i] : 0);
  absorbed_ = window.next();
}

/// Only what the model says of frames changes with it.
void Mind::place_all()
{
  if (!judges_ || (settings.space == Space::descriptor && !by_model(settings.score))) return;
  absorb();
  evaluate(window.oldest(), window.size());
  for (std::size_t i = 0; i < window.size(); ++i) {
    const auto id = window.oldest() + static_cast<std::int64_t>(i);
    judge.place(window.slot(id), point(window.oldest(), i), given_[i]);
  }
  judge.rebuild();
}

bool Mind::learn(std::int64_t steps)
{
  if (!embedding || !embedding->due(window)) return false;
  if (!embedding->learn(window, steps)) return true;
  chronicle.learned(embedding->steps(), version(), embedding->mean_loss());
  place_all();
  return true;
}

bool Mind::ready() const
{
  if (window.size() < 2) return false;
  const bool needs = settings.space == Space::latent ||
                     (settings.mode == Mode::novelty && by_model(settings.score));
  return !needs || version() > 0;
}

bool Mind::allows(const Frame& frame) const
{
  return !frame.last && (settings.reuse == 0 || frame.restarts < settings.reuse);
}

std::vector<char> Mind::allowed() const
{
  std::vector<char> allowed(window.size(), 1);
  for (std::size_t slot = 0; slot < allowed.size(); ++slot)
    if (!allows(window.at(slot))) allowed[slot] = 0;
  return allowed;
}

double Mind::score_of(const Record& record)
{
  if (window.find(record.newest) == nullptr) return std::numeric_limits<double>::infinity();
  absorb();
  return judge.scores()[window.slot(record.newest)];
}

}  // namespace cardan::ensemble
