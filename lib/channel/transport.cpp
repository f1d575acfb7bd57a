#include "channel/transport.hpp"

#include "mpi/comm.hpp"

#include <cardan/error.hpp>

namespace cardan {

const char* to_string(TransportKind kind) noexcept
{
  switch (kind) {
    case TransportKind::automatic: return "auto";
    case TransportKind::shared: return "shared";
    case TransportKind::rma: return "rma";
  }
  return "unknown";
}

}  // namespace cardan

namespace cardan::channel {

bool on_one_node(MPI_Comm comm)
{
  const mpi::Comm node = mpi::node(comm);
  int together = mpi::size(node.get()) == mpi::size(comm) ? 1 : 0;
  mpi::check(MPI_Allreduce(MPI_IN_PLACE, &together, 1, MPI_INT, MPI_MIN, comm), "MPI_Allreduce");
  return together != 0;
}

std::unique_ptr<Transport> Transport::open(TransportKind kind, MPI_Comm comm, std::size_t bytes)
{
  if (kind == TransportKind::rma) return open_rma(comm, bytes);
  const bool one_node = on_one_node(comm);
  if (kind == TransportKind::shared && !one_node)
    throw Error::everywhere(
        "[transport] kind = \"shared\" is not possible (the ranks are on several nodes). "
        "Use \"auto\" or \"rma\".");
  return one_node ? open_shared(comm, bytes) : open_rma(comm, bytes);
}

}  // namespace cardan::channel
