/// Many requests with random cancels, deadlines, priorities, drains, swaps and stalls, each of
/// which must end once and right.
#pragma once

#include <cardan/service.hpp>

#include <mpi.h>

#include <cstdint>
#include <string>

namespace serve {

struct Soak {
  std::int64_t requests = 0;
  std::uint64_t seed = 0;
  int window = 12;
  std::int64_t numbers = 4;
  /// Seconds that an injected stall lasts.
  double stall = 0.2;
};

/// Sums over all clients.
struct SoakResult {
  std::int64_t asked = 0;
  std::int64_t answered = 0;
  std::int64_t late = 0;
  std::int64_t cancelled = 0;
  std::int64_t failed = 0;
  std::int64_t moved = 0;
  std::int64_t handed_back = 0;
  std::int64_t too_old = 0;
  std::int64_t stale = 0;
  std::int64_t stalls = 0;
  std::int64_t swaps = 0;
  std::int64_t drains = 0;
  /// What must not be: requests that did not end or ended otherwise than counted; memory written
  /// after the end or without an answer; wrong answers; versions that went back.
  std::int64_t lost = 0;
  std::int64_t twice = 0;
  std::int64_t wrong = 0;
  std::int64_t went_back = 0;

  [[nodiscard]] bool good() const { return lost + twice + wrong + went_back == 0; }
};

/// Collective over the clients' communicator and blocking.
SoakResult soak(MPI_Comm clients, cardan::Service& service, const Soak& settings);

}  // namespace serve
