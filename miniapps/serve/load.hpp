/// Loads a service with requests and measures what comes of it.
#pragma once

#include <cardan/service.hpp>

#include <mpi.h>

#include <cstdint>
#include <vector>

namespace serve {

/// In microseconds.
struct Spread {
  double p5 = 0;
  double median = 0;
  double p95 = 0;
};
/// Sorts.
Spread spread_of(std::vector<double>& values);

struct Load {
  /// Of all clients together.
  std::int64_t requests = 1000;
  /// Clients that ask: the first ones.
  int clients = 1;
  /// Requests that a client has under way.
  int window = 1;
  std::int64_t numbers = 64;
};

/// Of all requests of all clients; on rank 0 of the clients' communicator.
struct Measure {
  Load load;
  int instances = 1;
  double seconds = 0;
  std::int64_t ended = 0;
  Spread put;
  Spread queue;
  Spread batch_wait;
  Spread inference;
  Spread reply;
  Spread total;
};

/// Collective over the clients' communicator and blocking. Throws where a request is not answered.
Measure measure(MPI_Comm clients, cardan::Service& service, const Load& load);

/// Collective: takes all but the first instances out of use, and waits until every client knows.
void use_instances(MPI_Comm clients, cardan::Service& service, int instances);

}  // namespace serve
