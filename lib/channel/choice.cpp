#include "channel/choice.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace cardan::channel {

namespace {

bool on_all(MPI_Comm comm, bool mine)
{
  int all = mine ? 1 : 0;
  mpi::check(MPI_Allreduce(MPI_IN_PLACE, &all, 1, MPI_INT, MPI_MIN, comm), "MPI_Allreduce");
  return all != 0;
}

/// The first of the kinds that passes; the last one is what is left.
TransportKind first_that_passes(std::initializer_list<TransportKind> order, MPI_Comm comm,
                                MPI_Comm node, double deadline, std::string& reason)
{
  std::string problems;
  for (const auto kind : order) {
    std::string why;
    if (!passes_self_test(kind, comm, node, deadline, why)) {
      problems += fmt::format("; {} did not: {}", to_string(kind), why);
      continue;
    }
    reason += fmt::format("{}{} passed its self-test{}", reason.empty() ? "" : ", ",
                          to_string(kind), problems);
    return kind;
  }
  throw Error::everywhere("no transport works between these ranks" + problems +
                          ". Try mpirun --mca pml ob1, or another MPI.");
}

}  // namespace

mpi::Comm node_of(MPI_Comm comm)
{
  mpi::Comm node = mpi::node(comm);
  const char* text = std::getenv("CARDAN_RANKS_PER_NODE");
  const int most = text == nullptr ? 0 : std::atoi(text);
  if (most < 1) return node;
  return mpi::split(node.get(), mpi::rank(node.get()) / most);
}

double opening_seconds(double deadline)
{
  return std::max(deadline, 20.0);
}

Choice choose(MPI_Comm comm, TransportKind wanted, TransportKind between, double deadline)
{
  deadline = opening_seconds(deadline);
  Choice choice;
  const mpi::Comm node = node_of(comm);
  const bool one_node = on_all(comm, mpi::size(node.get()) == mpi::size(comm));
  const bool lonely = on_all(comm, mpi::size(node.get()) == 1);
  if (wanted == TransportKind::shared && !one_node)
    throw Error::everywhere(
        "[transport] kind = \"shared\" is not possible (the ranks are on several nodes). "
        "Use \"auto\", \"rma\" or \"two_sided\".");
  if (wanted == TransportKind::mixed)
    throw Error::everywhere(
        "[transport] kind = \"mixed\" cannot be asked for (it is what \"auto\" becomes where ranks "
        "share nodes). Use \"auto\".");
  if (wanted != TransportKind::automatic) {
    choice.on_node = choice.between = wanted;
    choice.reason = fmt::format("{} was asked for", to_string(wanted));
    return choice;
  }
  using enum TransportKind;
  if (!one_node) {
    choice.between = between;
    if (between == automatic)
      choice.between =
          first_that_passes({rma, two_sided}, comm, node.get(), deadline, choice.reason);
    else
      choice.reason = fmt::format("{} was asked for between nodes", to_string(between));
  }
  if (lonely && !one_node)
    choice.on_node = choice.between;
  else
    choice.on_node =
        first_that_passes({shared, rma, two_sided}, comm, node.get(), deadline, choice.reason);
  if (one_node) choice.between = choice.on_node;
  return choice;
}

std::string mpi_description()
{
  std::array<char, MPI_MAX_LIBRARY_VERSION_STRING> text{};
  int length = 0;
  MPI_Get_library_version(text.data(), &length);
  std::string name{text.data()};
  name = name.substr(0, name.find(','));
  // Open MPI does not tell which one-sided component a window has; only what it was told to take.
  for (const char* variable : {"OMPI_MCA_osc", "PMIX_MCA_osc"})
    if (const char* asked = std::getenv(variable)) return name + ", osc " + asked;
  return name + ", osc of its own choice";
}

}  // namespace cardan::channel
