#include "couplers/pipeline/drift.hpp"

#include <algorithm>
#include <cmath>

namespace cardan::pipeline {

// The sums since the lowest and the highest are the two one-sided ones that never fall below zero.
bool Drift::add(double residual)
{
  if (!(settings_.threshold > 0) || !std::isfinite(residual)) return false;
  if (count_ < settings_.reference) {
    ++count_;
    const double off = residual - mean_;
    mean_ += off / static_cast<double>(count_);
    squares_ += off * (residual - mean_);
    return false;
  }
  const double deviation = std::sqrt(squares_ / static_cast<double>(count_ - 1));
  // A model that was exact is not any more.
  const double off = residual - mean_;
  const double standard = deviation > 0 ? off / deviation
                          : off == 0
                              ? 0
                              : std::copysign(settings_.threshold * 2 + settings_.slack, off);
  up_ = std::max(0.0, up_ + standard - settings_.slack);
  down_ = std::max(0.0, down_ - standard - settings_.slack);
  if (std::max(up_, down_) <= settings_.threshold) return false;
  restart();
  return true;
}

}  // namespace cardan::pipeline
