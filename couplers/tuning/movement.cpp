#include "couplers/tuning/movement.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cardan::tuning {

Movement::Movement(const MoveSettings& settings, int ranks)
    : settings_(settings),
      ranks_(ranks),
      every_(settings.every > 0 ? settings.every : (ranks > 1 ? 2 * ranks : 1)),
      best_(std::numeric_limits<double>::infinity()),
      marked_best_(best_)
{}

void Movement::trained(std::int64_t epochs, double best_loss)
{
  ++pieces_;
  presented_ +=
      static_cast<double>(epochs) * static_cast<double>(std::max<std::int64_t>(1, samples_));
  best_ = std::min(best_, best_loss);
}

void Movement::simulated(std::int64_t samples)
{
  ++pieces_;
  samples_ = samples;
  if (!std::isfinite(best_) || settings_.gain <= 0) return;
  if (!std::isfinite(marked_best_)) {
    marked_ = samples;
    marked_best_ = best_;
  }
  if (2 * samples < 3 * marked_ || samples == marked_) return;
  useless_ = marked_best_ - best_ < settings_.gain * std::abs(marked_best_);
  marked_ = samples;
  marked_best_ = best_;
}

bool Movement::enough() const
{
  return useless_ || (settings_.until > 0 && samples_ >= settings_.until);
}

int Movement::wish(int simulating)
{
  if (enough()) return simulating > 0 ? -1 : 0;
  if (!settings_.on || pieces_ < every_) return 0;
  const auto fresh = static_cast<double>(samples_ - before_);
  const double reuse = presented_ / std::max(fresh, 1e-9);
  // A lone rank does both in turn.
  const int most = std::max(1, ranks_ - 1);
  int wish = 0;
  if (reuse > settings_.reuse && simulating < most) wish = 1;
  if (reuse < settings_.reuse / 4 && simulating > 0) wish = -1;
  if (wish == 0 && pieces_ < 4 * every_) return 0;
  pieces_ = 0;
  presented_ = 0;
  before_ = samples_;
  return wish;
}

}  // namespace cardan::tuning
