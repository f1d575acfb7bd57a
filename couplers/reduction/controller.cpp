#include "couplers/reduction/controller.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cardan::reduction {

namespace {

/// Steps that are not whole yet; those of a put that was dropped never are.
constexpr std::size_t most_open = 256;
/// Loosened where the error is this part of the tolerance for so many steps in a row; each time
/// that it was too much, it takes twice as many.
constexpr double far_below = 0.25;
constexpr int first_patience = 8;
constexpr int most_patience = 1024;
/// Puts whose cost is taken together, and how many such times it must be low for a smaller stride.
constexpr int prices = 4;
constexpr int cheap_times = 4;
constexpr std::int64_t most_stride = 4096;

}  // namespace

Controller::Controller(const Settings& settings, int ranks)
    : settings_(settings), ranks_(ranks), patience_(first_patience)
{
  decision_.stride = settings.stride;
  decision_.still = settings.still;
}

std::optional<Decision> Controller::take(const Note& note)
{
  if (note.decision != decision_.number) return {};
  const std::pair key{note.step, note.number};
  Step& step = open_[key];
  step.original += note.original;
  step.reconstructed += note.reconstructed;
  step.size += std::abs(note.original);
  step.seconds += note.seconds;
  step.period += note.period;
  if (++step.ranks < ranks_) {
    if (open_.size() > most_open) open_.erase(open_.begin());
    return {};
  }
  const Step whole = step;
  open_.erase(key);
  ++judged_;
  const bool quantity = judge_quantity(whole);
  const bool cost = judge_cost(whole);
  if (!quantity && !cost) return {};
  ++decision_.number;
  open_.clear();
  priced_ = 0;
  seconds_ = period_ = 0;
  return decision_;
}

bool Controller::judge_quantity(const Step& step)
{
  if (settings_.quantity.empty()) return false;
  const double change = std::abs(step.reconstructed - step.original);
  // Where the ranks' parts cancel: relative to their sizes.
  const double size = step.original != 0 ? std::abs(step.original) : step.size;
  error_ = change == 0 ? 0 : change / size;
  if (!(error_ <= settings_.quantity_error)) {
    calm_ = 0;
    if (loosened_) patience_ = std::min(2 * patience_, most_patience);
    return tighten();
  }
  calm_ = error_ <= far_below * settings_.quantity_error ? calm_ + 1 : 0;
  if (calm_ < patience_) return false;
  calm_ = 0;
  return loosen();
}

/// Blocks that stay still are sent first, then the bound halves.
bool Controller::tighten()
{
  loosened_ = false;
  if (settings_.automatic_still && decision_.still > 0) {
    decision_.still = decision_.still > 0.3 ? 0.5 * decision_.still : 0;
    return true;
  }
  if (decision_.scale <= settings_.eps_least) return false;
  decision_.scale = std::max(0.5 * decision_.scale, settings_.eps_least);
  return true;
}

bool Controller::loosen()
{
  if (decision_.scale < 1) {
    decision_.scale = std::min(2 * decision_.scale, 1.0);
  } else if (settings_.automatic_still && decision_.still < 1) {
    decision_.still = std::min(std::max(2 * decision_.still, 0.25), 1.0);
  } else {
    return false;
  }
  loosened_ = true;
  return true;
}

/// The first put after a decision has a part of the time before it.
bool Controller::judge_cost(const Step& step)
{
  if (!settings_.automatic_stride || step.period <= 0 || ++priced_ == 1) return false;
  seconds_ += step.seconds;
  period_ += step.period;
  if (priced_ <= prices) return false;
  const double cost = period_ > seconds_ ? seconds_ / (period_ - seconds_)
                                         : std::numeric_limits<double>::infinity();
  priced_ = 1;
  seconds_ = period_ = 0;
  if (cost > settings_.cost) {
    cheap_ = 0;
    if (decision_.stride >= most_stride) return false;
    decision_.stride *= 2;
    return true;
  }
  cheap_ = cost < far_below * settings_.cost ? cheap_ + 1 : 0;
  if (cheap_ < cheap_times || decision_.stride == 1) return false;
  cheap_ = 0;
  decision_.stride /= 2;
  return true;
}

}  // namespace cardan::reduction
