// Whether a transport works here: a strided message to the next rank, a number behind it, and back.

#include "channel/choice.hpp"
#include "channel/transport.hpp"
#include "mpi/watchdog.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <array>
#include <cstring>
#include <optional>

namespace cardan::channel {

namespace {

constexpr std::size_t number_at = 0;
constexpr std::size_t data_at = 64;
constexpr std::size_t memory_bytes = 512;
constexpr std::int64_t rows = 4;
constexpr std::int64_t columns = 3;

double value(int rank, std::int64_t i, std::int64_t j)
{
  return rank * 100.0 + static_cast<double>(i * 10 + j);
}

/// Sends two columns of a small matrix to the next rank, and reads what the one before sent.
void pass_around(Transport& transport, int rank, int ranks, double deadline)
{
  const int next = transport.connect((rank + 1) % ranks, memory_bytes, memory_bytes);
  std::array<double, rows * columns> matrix{};
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t j = 0; j < columns; ++j)
      matrix[static_cast<std::size_t>(i * columns + j)] = value(rank, i, j);
  constexpr std::int64_t element = sizeof(double);
  const Patch from{element, {rows, 2}, {columns * element, element}};
  const auto route = transport.route({from, patch_in({rows, 2}, {rows, 2}, element), 0, 0});
  route->run(reinterpret_cast<const std::byte*>(matrix.data()), next, data_at, 1);
  transport.raise(next, number_at, 1);
  if (!mpi::wait_until([&] { return transport.look(number_at) == 1; }, mpi::Deadline::in(deadline)))
    throw Error{"a message did not arrive"};
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t j = 0; j < 2; ++j) {
      double seen = 0;
      std::memcpy(&seen, transport.memory() + data_at + (i * 2 + j) * element, sizeof seen);
      if (seen != value((rank + ranks - 1) % ranks, i, j))
        throw Error{"a message arrived with wrong data"};
    }
}

/// The lowest rank's problem, on all ranks.
std::optional<std::string> shared_problem(MPI_Comm comm, const std::string& problem,
                                          double deadline)
{
  try {
    mpi::agree(comm, problem.empty() ? std::nullopt : std::optional(problem),
               mpi::Deadline::in(deadline));
  } catch (const Late&) {
    throw;
  } catch (const Error& error) {
    return error.what();
  }
  return std::nullopt;
}

}  // namespace

bool passes_self_test(TransportKind kind, MPI_Comm comm, MPI_Comm node, double deadline,
                      std::string& why)
{
  const mpi::Watchdog watchdog{
      deadline,
      fmt::format(
          "the self-test of the transport \"{}\" did not end within {} s ({}): MPI does not "
          "return. Set kind = \"{}\" in [transport], or try mpirun --mca osc ucx.",
          to_string(kind), deadline, mpi_description(),
          kind == TransportKind::rma ? "two_sided" : "rma"),
      mpi::rank(comm) == 0};
  // A rank alone on its node has itself to write to.
  const MPI_Comm group = kind == TransportKind::shared ? node : comm;
  std::unique_ptr<Transport> transport;
  std::string problem;
  const auto attempt = [&](auto&& work) {
    try {
      work();
    } catch (const std::exception& error) {
      problem = error.what();
    }
    const auto found = shared_problem(comm, problem, deadline);
    if (!found) return true;
    why = *found;
    if (transport) transport->abandon();
    return false;
  };
  if (!attempt([&] {
        if (kind == TransportKind::shared) transport = open_shared(group, group, memory_bytes);
        if (kind == TransportKind::rma) transport = open_rma(group, memory_bytes);
        if (kind == TransportKind::two_sided)
          transport = open_two_sided(group, memory_bytes, deadline);
      }))
    return false;
  return attempt(
      [&] { pass_around(*transport, mpi::rank(group), mpi::size(group), deadline / 4); });
}

}  // namespace cardan::channel
