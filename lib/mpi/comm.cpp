#include "mpi/comm.hpp"

#include <cardan/error.hpp>

#include <array>

namespace cardan::mpi {

bool alive()
{
  int finalized = 0;
  MPI_Finalized(&finalized);
  return finalized == 0;
}

void CommTraits::release(type comm) noexcept
{
  if (alive()) MPI_Comm_free(&comm);
}

int rank(MPI_Comm comm)
{
  int value = 0;
  MPI_Comm_rank(comm, &value);
  return value;
}

int size(MPI_Comm comm)
{
  int value = 0;
  MPI_Comm_size(comm, &value);
  return value;
}

void check(int code, const char* call)
{
  if (code == MPI_SUCCESS) return;
  std::array<char, MPI_MAX_ERROR_STRING> text{};
  int length = 0;
  MPI_Error_string(code, text.data(), &length);
  throw Error{std::string(call) + " failed", text.data()};
}

Comm duplicate(MPI_Comm comm)
{
  MPI_Comm copy = MPI_COMM_NULL;
  check(MPI_Comm_dup(comm, &copy), "MPI_Comm_dup");
  Comm owned{copy};
  MPI_Comm_set_errhandler(copy, MPI_ERRORS_RETURN);
  return owned;
}

Comm split(MPI_Comm comm, int colour)
{
  MPI_Comm part = MPI_COMM_NULL;
  check(MPI_Comm_split(comm, colour, rank(comm), &part), "MPI_Comm_split");
  Comm owned{part};
  if (owned) MPI_Comm_set_errhandler(part, MPI_ERRORS_RETURN);
  return owned;
}

Comm node(MPI_Comm comm)
{
  MPI_Comm part = MPI_COMM_NULL;
  check(MPI_Comm_split_type(comm, MPI_COMM_TYPE_SHARED, rank(comm), MPI_INFO_NULL, &part),
        "MPI_Comm_split_type");
  Comm owned{part};
  MPI_Comm_set_errhandler(part, MPI_ERRORS_RETURN);
  return owned;
}

void agree(MPI_Comm comm, const std::optional<std::string>& problem, Deadline deadline)
{
  const int mine = problem ? rank(comm) : size(comm);
  int first = 0;
  MPI_Request request = MPI_REQUEST_NULL;
  check(MPI_Iallreduce(&mine, &first, 1, MPI_INT, MPI_MIN, comm, &request), "MPI_Iallreduce");
  wait(request, deadline, "an agreement of all ranks");
  if (first == size(comm)) return;
  throw Error::everywhere(broadcast(comm, problem.value_or(""), first, deadline));
}

std::string broadcast(MPI_Comm comm, const std::string& text, int root, Deadline deadline)
{
  auto length = static_cast<int>(text.size());
  MPI_Request request = MPI_REQUEST_NULL;
  check(MPI_Ibcast(&length, 1, MPI_INT, root, comm, &request), "MPI_Ibcast");
  wait(request, deadline, "a broadcast");
  std::string copy = text;
  copy.resize(static_cast<std::size_t>(length));
  check(MPI_Ibcast(copy.data(), length, MPI_CHAR, root, comm, &request), "MPI_Ibcast");
  wait(request, deadline, "a broadcast");
  return copy;
}

}  // namespace cardan::mpi
