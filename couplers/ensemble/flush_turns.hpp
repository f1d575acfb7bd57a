/// When ranks that do not wait for each other flush their log together.
#pragma once

#include "mpi/comm.hpp"

#include <mpi.h>

#include <cstdint>
#include <functional>

namespace cardan::ensemble {

/// A flush is collective, and members run on their own: so a rank says when it wants one, and goes
/// on; once all have said so each promises to come, and goes on; once all have promised they flush.
/// A rank that leaves its run before it has promised says that it will not come; one that has
/// promised waits for the others, who are in theirs. Nobody waits longer than others take for a
/// segment.
class FlushTurns {
 public:
  /// Collective over `comm`; `flush` is called by all of its ranks together.
  FlushTurns(MPI_Comm comm, double patience, std::function<void()> flush);
  /// Collective, unless abandoned.
  ~FlushTurns();
  FlushTurns(const FlushTurns&) = delete;
  FlushTurns& operator=(const FlushTurns&) = delete;

  /// A look between two segments. `wish`: this rank would like a flush.
  void poll(bool wish);
  /// A run ends on this rank.
  void leave();
  void abandon() noexcept;

 private:
  enum class State { idle, called, promised, away };
  void call();
  void answer(bool comes);
  void look_at_promises(bool wait);

  mpi::Comm comm_;
  double patience_;
  std::function<void()> flush_;
  State state_ = State::idle;
  MPI_Request calls_ = MPI_REQUEST_NULL;
  MPI_Request answers_ = MPI_REQUEST_NULL;
  /// What is given to the others, and the least that anyone gives.
  int mine_ = 0;
  int all_ = 0;
  std::int64_t rounds_ = 0;
};

}  // namespace cardan::ensemble
