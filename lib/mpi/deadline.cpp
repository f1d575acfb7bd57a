#include "mpi/deadline.hpp"

#include "mpi/comm.hpp"

#include <cardan/error.hpp>

#include <sched.h>

#include <thread>

namespace cardan::mpi {

Deadline Deadline::in(double seconds)
{
  // A year stands for ever: a clock's arithmetic must not overflow on "1e300 s".
  constexpr double longest = 365.0 * 86400.0;
  const double bounded = seconds < longest ? seconds : longest;
  return Deadline{Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                     std::chrono::duration<double>(bounded))};
}

// Eight pauses and then sched_yield gave the lowest latency on oversubscribed cores; spinning alone
// costs a whole time slice there. The probe every 32 turns is what lets software one-sided
// components progress. After some 2,000 turns a patient wait has been idle for milliseconds:
// latency no longer matters, the core does.
void Waiter::pause()
{
  ++turns_;
  if (turns_ <= 8) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
    return;
  }
  if (turns_ % 32 == 0) {
    int flag = 0;
    MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_SELF, &flag, MPI_STATUS_IGNORE);
  }
  if (manner_ == Manner::patient && turns_ > 2000)
    std::this_thread::sleep_for(std::chrono::microseconds(100));
  else
    sched_yield();
}

void wait(MPI_Request& request, Deadline deadline, const char* what)
{
  int done = 0;
  const bool completed = wait_until(
      [&] {
        check(MPI_Test(&request, &done, MPI_STATUS_IGNORE), what);
        return done != 0;
      },
      deadline);
  if (!completed) throw_late(what);
}

void throw_late(const char* what)
{
  throw Late{std::string("gave up waiting for other ranks in ") + what, "the deadline passed",
             "Is a rank missing from a collective call, or is [run] deadline too short?"};
}

}  // namespace cardan::mpi
