#include "mpi/comm.hpp"

#include <cardan/error.hpp>

#include <algorithm>
#include <array>
#include <cstring>

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

void largest(MPI_Comm comm, std::span<std::int64_t> numbers, Deadline deadline)
{
  MPI_Request request = MPI_REQUEST_NULL;
  check(MPI_Iallreduce(MPI_IN_PLACE, numbers.data(), static_cast<int>(numbers.size()), MPI_INT64_T,
                       MPI_MAX, comm, &request),
        "MPI_Iallreduce");
  wait(request, deadline, "the largest number of all ranks");
}

std::int64_t largest(MPI_Comm comm, std::int64_t number, Deadline deadline)
{
  largest(comm, std::span{&number, 1}, deadline);
  return number;
}

// The length and as much as fits behind it at once: most texts are short.
std::string broadcast(MPI_Comm comm, const std::string& text, int root, Deadline deadline)
{
  std::array<char, 1024> begin{};
  std::int64_t length = static_cast<std::int64_t>(text.size());
  constexpr std::size_t room = begin.size() - sizeof length;
  std::memcpy(begin.data(), &length, sizeof length);
  std::memcpy(begin.data() + sizeof length, text.data(), std::min(room, text.size()));
  MPI_Request request = MPI_REQUEST_NULL;
  check(MPI_Ibcast(begin.data(), static_cast<int>(begin.size()), MPI_CHAR, root, comm, &request),
        "MPI_Ibcast");
  wait(request, deadline, "a broadcast");
  std::memcpy(&length, begin.data(), sizeof length);
  const auto size = static_cast<std::size_t>(length);
  if (size <= room) return std::string(begin.data() + sizeof length, size);
  std::string copy = text;
  copy.resize(size);
  check(MPI_Ibcast(copy.data(), static_cast<int>(length), MPI_CHAR, root, comm, &request),
        "MPI_Ibcast");
  wait(request, deadline, "a broadcast");
  return copy;
}

}  // namespace cardan::mpi
