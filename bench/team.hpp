/// The ranks that take part: producers first, then consumers.
#pragma once

#include <mpi.h>

#include <chrono>
#include <exception>

namespace bench {

struct Team {
  MPI_Comm comm = MPI_COMM_NULL;
  int rank = 0;
  int producers = 1;
  int consumers = 1;

  [[nodiscard]] bool produces() const { return rank < producers; }
  [[nodiscard]] int consumer() const { return rank - producers; }
  [[nodiscard]] int rank_of_consumer(int consumer) const { return producers + consumer; }
  [[nodiscard]] bool speaks() const { return rank == 0; }
};

/// Seconds of a clock that all processes of a node share.
inline double now()
{
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// Collective over `world`: the first `producers + consumers` ranks; `comm` is null on the others.
/// To be freed by `disband`.
Team make_team(MPI_Comm world, int producers, int consumers);
/// Collective over `world`. Ranks without a team wait here, asleep, until the others come.
void disband(MPI_Comm world, Team& team);

/// Collective: the largest of the ranks' values, the smallest, and the sum.
double largest(const Team& team, double value);
double smallest(const Team& team, double value);
double total(const Team& team, double value);

/// Owns a window. Freeing is collective: it is left where an exception passes through, since others
/// may never come.
class Window {
 public:
  Window() = default;
  Window(const Window&) = delete;
  Window& operator=(const Window&) = delete;
  ~Window()
  {
    if (raw == MPI_WIN_NULL || std::uncaught_exceptions() > 0) return;
    MPI_Win_unlock_all(raw);
    MPI_Win_free(&raw);
  }
  /// To be filled by the one who makes it, and locked by lock_all.
  MPI_Win raw = MPI_WIN_NULL;
};

}  // namespace bench
