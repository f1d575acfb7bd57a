#include "couplers/twin/gathering.hpp"

#include "couplers/steering/wire.hpp"
#include "couplers/twin/wire.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

namespace cardan::twin {

namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

}  // namespace

Gathering::Gathering(steering::Ends& ends, const Settings& settings)
    : ends_(ends),
      settings_(settings),
      columns_(ends.declared.report.size()),
      newest_(ends.reporters.size(), -1),
      stays_(ends.reporters.size(), true),
      next_due_(infinite)
{}

Frame& Gathering::frame_of(Frames& frames, std::int64_t cycle)
{
  auto place = std::find_if(frames.begin(), frames.end(),
                            [&](const Frame& frame) { return frame.cycle >= cycle; });
  if (place != frames.end() && place->cycle == cycle) return *place;
  if (spare_.empty())
    spare_.emplace_back(ends_.declared.report, static_cast<int>(ends_.reporters.size()));
  spare_.front().clear();
  frames.splice(place, spare_, spare_.begin());
  Frame& made = *std::prev(place);
  made.cycle = cycle;
  made.first = cardan::clock();
  made.due = infinite;
  return made;
}

bool Gathering::hear()
{
  bool any = false;
  for (std::size_t r = 0; r < stays_.size(); ++r)
    if (stays_[r]) any = hear(r) || any;
  return any;
}

bool Gathering::hear(std::size_t rank)
{
  auto& lane = ends_.reports->in()[rank];
  bool any = false;
  for (; lane.ready(); any = true) {
    const auto header = steering::read_header<steering::ReportHeader>(lane.header());
    const auto kind = static_cast<Kind>(header.tag);
    const auto arrived = static_cast<double>(ends_.one_clock ? header.clock : cardan::clock());
    // What comes after its cycle has begun is late.
    const bool late = kind == Kind::late || header.step <= begun_;
    if (kind != Kind::late) newest_[rank] = std::max(newest_[rank], header.step);
    if (!std::isnan(header.values[1])) next_due_ = arrived + 1e9 * header.values[1];
    if (!(late && kind == Kind::absent)) {
      for (std::size_t f = 0; f < columns_.size(); ++f) columns_[f] = lane.data(f);
      Frame& frame = frame_of(late ? late_ : open_, header.step);
      frame.due = std::min(frame.due, arrived + 1e9 * header.values[0]);
      frame.clock = std::max(frame.clock, header.clock);
      ++frame.settled;
      if (kind != Kind::absent) frame.put(rank, columns_);
    }
    lane.release();
  }
  if (any || !lane.drained()) return any;
  stays_[rank] = false;
  return true;
}

bool Gathering::ready(const Frame& frame, bool newest) const
{
  const auto said = [&](std::size_t rank) { return !stays_[rank] || newest_[rank] >= frame.cycle; };
  bool all = true;
  for (std::size_t r = 0; all && r < stays_.size(); ++r) all = said(r);
  if (all) return true;
  if (!settings_.realtime) return false;
  const double waited = 1e-9 * static_cast<double>(cardan::clock() - frame.first);
  return !newest || waited > settings_.patience * settings_.period;
}

Frame* Gathering::next()
{
  while (!open_.empty()) {
    Frame& frame = open_.front();
    const bool newest = open_.size() == 1;
    if (!ready(frame, newest)) return nullptr;
    begun_ = std::max(begun_, frame.cycle);
    const auto here = frame.here();
    const bool empty = std::none_of(here.begin(), here.end(), [](auto each) { return each != 0; });
    if (newest || static_cast<double>(cardan::clock()) <= frame.due) {
      given_.splice(given_.end(), open_, open_.begin());
      return &given_.back();
    }
    if (empty) {
      spare_.splice(spare_.end(), open_, open_.begin());
      continue;
    }
    const auto place = std::find_if(late_.begin(), late_.end(),
                                    [&](const Frame& other) { return other.cycle > frame.cycle; });
    late_.splice(place, open_, open_.begin());
  }
  return nullptr;
}

Frame* Gathering::next_late()
{
  if (late_.empty()) return nullptr;
  given_.splice(given_.end(), late_, late_.begin());
  return &given_.back();
}

void Gathering::give_back(Frame* frame)
{
  const auto found =
      std::find_if(given_.begin(), given_.end(), [&](Frame& each) { return &each == frame; });
  spare_.splice(spare_.end(), given_, found);
}

bool Gathering::over() const
{
  return open_.empty() &&
         std::none_of(stays_.begin(), stays_.end(), [](bool stays) { return stays; });
}

}  // namespace cardan::twin
