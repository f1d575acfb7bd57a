/// What is behind the handles that other handles are opened from.
#pragma once

#include "c/boundary.hpp"

#include <cardan/session.hpp>

namespace cardan::c {

struct SessionState {
  SessionState(MPI_Comm comm, const std::string& run_file, const SessionOptions& options)
      : session(comm, run_file, options)
  {}
  ~SessionState()
  {
    for (auto it = opened.rbegin(); it != opened.rend(); ++it) (*it)->end();
  }
  SessionState(const SessionState&) = delete;
  SessionState& operator=(const SessionState&) = delete;

  Session session;
  /// What was opened from it and ends before it, in the order of opening.
  std::vector<Ending*> opened;
};

}  // namespace cardan::c

struct cardan_session : cardan::c::Shell<cardan::c::SessionState> {};

namespace cardan::c {

/// The session behind a handle, on a simulation rank; ML ranks have nothing to call but `serve`.
SessionState& simulation_of(cardan_session* session);

}  // namespace cardan::c
