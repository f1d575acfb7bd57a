/// One rank's error, made known to the others between collective calls.
#pragma once

#include "mpi/comm.hpp"

#include <mpi.h>

#include <array>

namespace cardan::mpi {

class Alarm {
 public:
  /// Collective over `comm`.
  explicit Alarm(MPI_Comm comm);
  /// Tells all other ranks, once; does not wait for them. What an alarm has thrown here is not told
  /// again.
  void raise(const char* message) noexcept;
  /// Throws what another rank has raised. Neither collective nor blocking.
  void check();
  /// Waits until `ready()` or the deadline, and says which; throws what another rank raises.
  template <class Ready>
  bool wait_until(Ready&& ready, mpi::Deadline deadline)
  {
    constexpr unsigned looks = 64;
    unsigned turn = 0;
    return mpi::wait_until(
        [&] {
          if (++turn % looks == 0) check();
          return ready();
        },
        deadline);
  }
  /// Completes a request; throws `Late` at the deadline.
  void wait(MPI_Request& request, mpi::Deadline deadline, const char* what);
  /// Collective and blocking: until all ranks are here. Throws what one of them has raised, which
  /// then will not come; `Late` at the deadline. What follows is called by all or by none.
  void meet(mpi::Deadline deadline, const char* what);
  void abandon() noexcept;

 private:
  static constexpr int longest = 512;
  mpi::Comm comm_;
  /// Of `meet` alone: left behind, not freed, where somebody did not come.
  mpi::Comm meeting_;
  std::array<char, longest> text_{};
  bool raised_ = false;
};

}  // namespace cardan::mpi
