/// Which transports a channel uses: what was asked for, or what passes a self-test.
#pragma once

#include "mpi/comm.hpp"

#include <cardan/channel.hpp>

#include <mpi.h>

#include <memory>
#include <string>

namespace cardan::channel {

class Pool;

struct Choice {
  TransportKind on_node = TransportKind::shared;
  TransportKind between = TransportKind::rma;
  /// Why, for the log: `shared passed its self-test`.
  std::string reason;
  /// Windows that are kept from one channel to the next; null: each channel makes and frees its
  /// own.
  std::shared_ptr<Pool> pool;
};

/// Seconds that opening may take: at least 20, however short the deadline of a step.
double opening_seconds(double deadline);

/// Collective over `comm` and blocking: `automatic` tests what it would use, under a watchdog of
/// `deadline` seconds. Throws the same error on all ranks where what was asked for is impossible.
Choice choose(MPI_Comm comm, TransportKind wanted, TransportKind between, double deadline);

/// The ranks of `comm` that share this rank's memory. The environment variable
/// CARDAN_RANKS_PER_NODE makes nodes smaller, so that one machine can stand for several.
mpi::Comm node_of(MPI_Comm comm);

/// Collective over `comm`: whether every rank's message to its neighbour arrives, through the
/// memory that `kind` gives. `why` says what failed.
bool passes_self_test(TransportKind kind, MPI_Comm comm, MPI_Comm node, double deadline,
                      std::string& why);

/// MPI's name and version, and which one-sided component was asked for.
std::string mpi_description();

}  // namespace cardan::channel
