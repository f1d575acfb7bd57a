#include "couplers/twin/teacher.hpp"

#include "support/clock.hpp"

#include <algorithm>

namespace cardan::twin {

bool IdleTeacher::work(double left)
{
  if (!trainer_.due()) return false;
  const auto seconds = [begin = cardan::clock()] {
    return 1e-9 * static_cast<double>(cardan::clock() - begin);
  };
  // One long measurement is forgotten in time.
  constexpr double memory = 0.95;
  if (trainer_.publishes()) {
    if (std::min(publication_, most_) > left) return false;
    static_cast<void>(trainer_.learn(0));
    publication_ = std::max(memory * publication_, seconds());
    return true;
  }
  if (std::min(step_, most_) > left || !(left > 0)) return false;
  std::int64_t steps = slice_;
  if (step_ > 0 && static_cast<double>(steps) * step_ > left)
    steps = std::max<std::int64_t>(1, static_cast<std::int64_t>(left / step_));
  // How long one takes is not known before the first.
  if (step_ == 0) steps = 1;
  static_cast<void>(trainer_.learn(steps));
  step_ = std::max(memory * step_, seconds() / static_cast<double>(steps));
  return true;
}

bool IdleTeacher::take(Version& version, std::vector<std::byte>& state)
{
  if (trainer_.version().number == taken_) return false;
  version = trainer_.version();
  taken_ = version.number;
  state = trainer_.state();
  return true;
}

}  // namespace cardan::twin
