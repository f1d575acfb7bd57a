#include "mpi/watchdog.hpp"

#include "support/log.hpp"

#include <chrono>
#include <cstdlib>
#include <utility>

namespace cardan::mpi {

// The ranks that say nothing wait a little longer, so that the message is out before the job ends.
Watchdog::Watchdog(double seconds, std::string message, bool speaks)
    : thread_([this, seconds, message = std::move(message), speaks] {
        std::unique_lock lock{mutex_};
        const auto limit = std::chrono::duration<double>(speaks ? seconds : seconds + 2);
        if (changed_.wait_for(lock, limit, [this] { return over_; })) return;
        if (speaks) log(message);
        std::_Exit(70);
      })
{}

Watchdog::~Watchdog()
{
  {
    const std::lock_guard lock{mutex_};
    over_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

}  // namespace cardan::mpi
