#include "couplers/twin/gate.hpp"

#include <cmath>
#include <limits>

namespace cardan::twin {

void Gate::judge(double with_model, double without)
{
  if (settings_.window == 0 || !std::isfinite(without)) return;
  if (!std::isfinite(with_model)) with_model = std::numeric_limits<double>::infinity();
  errors_.emplace_back(with_model, without);
  if (static_cast<std::int64_t>(errors_.size()) > settings_.window) errors_.pop_front();
}

bool Gate::open() const
{
  if (settings_.window == 0) return true;
  if (static_cast<std::int64_t>(errors_.size()) < settings_.window) return false;
  double with_model = 0;
  double without = 0;
  for (const auto& [with, plain] : errors_) {
    with_model += with;
    without += plain;
  }
  return with_model < (1 - settings_.margin) * without;
}

}  // namespace cardan::twin
