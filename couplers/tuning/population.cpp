#include "couplers/tuning/population.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cardan::tuning {

Population::Population(const Settings& settings)
    : Scheduler(settings),
      members_(static_cast<std::size_t>(settings.trials)),
      random_(scatter(static_cast<std::uint64_t>(settings.seed), -1))
{
  for (Member& member : members_) member.loss = std::numeric_limits<double>::quiet_NaN();
}

std::size_t Population::member_of(std::int64_t trial) const
{
  const auto found = std::find_if(members_.begin(), members_.end(),
                                  [&](const Member& member) { return member.trial == trial; });
  return static_cast<std::size_t>(found - members_.begin());
}

std::vector<std::size_t> Population::order() const
{
  std::vector<std::size_t> known;
  known.reserve(members_.size());
  for (std::size_t m = 0; m < members_.size(); ++m)
    if (!std::isnan(members_[m].loss)) known.push_back(m);
  std::stable_sort(known.begin(), known.end(), [&](std::size_t a, std::size_t b) {
    return members_[a].loss < members_[b].loss;
  });
  return known;
}

std::optional<Piece> Population::ask()
{
  if (!waiting_.empty()) {
    const Piece next = waiting_.front();
    waiting_.pop_front();
    return next;
  }
  if (begun_ == members_.size()) return {};
  const Piece piece = begin();
  members_[begun_++].trial = piece.trial;
  return piece;
}

void Population::replace(std::size_t member, std::size_t by, int rung)
{
  const std::int64_t from = members_[by].trial;
  auto explored =
      settings_.space.explore(values()[static_cast<std::size_t>(from)], settings_.scheduler.factor,
                              settings_.scheduler.resample, random_);
  members_[member].trial = add(std::move(explored));
  members_[member].loss = members_[by].loss;
  waiting_.push_back({members_[member].trial, rung, epochs_to(rung), TuningVerdict::clone, from});
}

TuningVerdict Population::tell(const Piece& piece, double loss)
{
  const std::size_t member = member_of(piece.trial);
  const bool finite = std::isfinite(loss);
  members_[member].loss = finite ? loss : std::numeric_limits<double>::infinity();
  if (piece.rung == last_rung()) return finite ? TuningVerdict::finish : TuningVerdict::stop;
  const auto known = order();
  const auto share = static_cast<std::size_t>(
      std::floor(settings_.scheduler.truncate * static_cast<double>(known.size()) + 1e-9));
  const auto place =
      static_cast<std::size_t>(std::find(known.begin(), known.end(), member) - known.begin());
  const int next = piece.rung + 1;
  if (!finite || (share > 0 && place + share >= known.size())) {
    std::size_t best = share > 0 ? known[random_.below(share)] : known.front();
    // A member that never was finite can only begin anew.
    if (best == member || !std::isfinite(members_[best].loss)) {
      if (finite) {
        waiting_.push_back({piece.trial, next, epochs_to(next), TuningVerdict::go_on, -1});
        return TuningVerdict::go_on;
      }
      // Where all diverge, there is an end to it.
      if (++anew_ > members_.size()) return TuningVerdict::stop;
      members_[member].loss = std::numeric_limits<double>::quiet_NaN();
      const Piece anew = begin();
      members_[member].trial = anew.trial;
      waiting_.push_back(anew);
      return TuningVerdict::stop;
    }
    replace(member, best, next);
    return TuningVerdict::stop;
  }
  waiting_.push_back({piece.trial, next, epochs_to(next), TuningVerdict::go_on, -1});
  return TuningVerdict::go_on;
}

}  // namespace cardan::tuning
