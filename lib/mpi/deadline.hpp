/// Waiting: always with a deadline, politely on oversubscribed cores, and with MPI's progress.
#pragma once

#include <mpi.h>

#include <chrono>

namespace cardan::mpi {

/// A moment after which a wait is given up.
class Deadline {
 public:
  using Clock = std::chrono::steady_clock;
  static Deadline in(double seconds);
  [[nodiscard]] bool passed() const { return Clock::now() >= moment_; }

 private:
  explicit Deadline(Clock::time_point moment) : moment_(moment) {}
  Clock::time_point moment_;
};

/// One wait: a few pauses, then yields the core; lets MPI progress now and then. A wait that goes
/// on for long
/// (`patient`) sleeps between looks, so that an idle rank leaves its core to others.
class Waiter {
 public:
  enum class Manner { eager, patient };
  explicit Waiter(Manner manner = Manner::eager) : manner_(manner) {}
  void pause();

 private:
  Manner manner_;
  long turns_ = 0;
};

/// Waits until `ready()` or the deadline; says which.
template <class Ready>
bool wait_until(Ready&& ready, Deadline deadline)
{
  Waiter waiter;
  for (int turn = 0; !ready(); ++turn) {
    if (turn % 16 == 15 && deadline.passed()) return ready();
    waiter.pause();
  }
  return true;
}

/// Throws `Late`: `what` did not come before the deadline.
[[noreturn]] void throw_late(const char* what);

/// Completes a request; throws `Late`, naming `what`, at the deadline. The request is then
/// abandoned.
void wait(MPI_Request& request, Deadline deadline, const char* what);

}  // namespace cardan::mpi
