#include "couplers/tuning/halving.hpp"

#include <cmath>
#include <limits>

namespace cardan::tuning {

namespace {

double number(double loss)
{
  return std::isfinite(loss) ? loss : std::numeric_limits<double>::infinity();
}

}  // namespace

Asha::Asha(const Settings& settings)
    : Scheduler(settings), standings_(rungs_.size()), promoted_(rungs_.size())
{}

std::optional<Piece> Asha::ask()
{
  for (int k = last_rung() - 1; k >= 0; --k) {
    const Standing& standing = rung(k);
    auto& promoted = promoted_[static_cast<std::size_t>(k)];
    auto candidates = static_cast<std::int64_t>(standing.size()) / settings_.scheduler.eta;
    // Those that were promoted may have fallen behind since, and do not count against others.
    for (const auto& [loss, trial] : standing) {
      if (candidates-- == 0 || !std::isfinite(loss)) break;
      if (!promoted.insert(trial).second) continue;
      return Piece{trial, k + 1, epochs_to(k + 1), TuningVerdict::promote, -1};
    }
  }
  if (static_cast<std::int64_t>(values().size()) == settings_.trials) return {};
  return begin();
}

TuningVerdict Asha::tell(const Piece& piece, double loss)
{
  standings_[static_cast<std::size_t>(piece.rung)].emplace(number(loss), piece.trial);
  if (!std::isfinite(loss)) return TuningVerdict::stop;
  return piece.rung == last_rung() ? TuningVerdict::finish : TuningVerdict::pause;
}

std::optional<Piece> Halving::ask()
{
  if (missing_ < 0) missing_ = size_ = settings_.trials;
  if (rung_ == 0 && static_cast<std::int64_t>(values().size()) < settings_.trials) return begin();
  if (missing_ == 0 && rung_ < last_rung()) {
    ++rung_;
    auto left = std::max<std::int64_t>(1, size_ / settings_.scheduler.eta);
    for (const auto& [loss, trial] : standing_) {
      if (left-- == 0 || !std::isfinite(loss)) break;
      waiting_.push_back({trial, rung_, epochs_to(rung_), TuningVerdict::promote, -1});
    }
    missing_ = size_ = static_cast<std::int64_t>(waiting_.size());
    standing_.clear();
    // None is left that could go on.
    if (size_ == 0) rung_ = last_rung();
  }
  if (waiting_.empty()) return {};
  const Piece next = waiting_.front();
  waiting_.pop_front();
  return next;
}

TuningVerdict Halving::tell(const Piece& piece, double loss)
{
  --missing_;
  standing_.emplace(number(loss), piece.trial);
  if (!std::isfinite(loss)) return TuningVerdict::stop;
  return piece.rung == last_rung() ? TuningVerdict::finish : TuningVerdict::pause;
}

std::optional<Piece> RandomSearch::ask()
{
  if (!waiting_.empty()) {
    const Piece next = waiting_.front();
    waiting_.pop_front();
    return next;
  }
  if (static_cast<std::int64_t>(values().size()) == settings_.trials) return {};
  return begin();
}

TuningVerdict RandomSearch::tell(const Piece& piece, double loss)
{
  if (!std::isfinite(loss)) return TuningVerdict::stop;
  if (piece.rung == last_rung()) return TuningVerdict::finish;
  waiting_.push_back(
      {piece.trial, piece.rung + 1, epochs_to(piece.rung + 1), TuningVerdict::go_on, -1});
  return TuningVerdict::go_on;
}

}  // namespace cardan::tuning
