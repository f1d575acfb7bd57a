#include "couplers/twin/pace.hpp"

#include <sched.h>

#include <thread>

namespace cardan::twin {

void wait_for(Moment moment)
{
  constexpr std::chrono::microseconds margin{300};
  if (moment - now() > margin) std::this_thread::sleep_until(moment - margin);
  while (now() < moment) sched_yield();
}

}  // namespace cardan::twin
