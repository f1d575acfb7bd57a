#include "couplers/twin/crew.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <limits>
#include <utility>

namespace cardan::twin {

namespace {

int count_of(const std::vector<std::byte>& bytes)
{
  if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()))
    throw Error{fmt::format("twin ranks pass on {} bytes at once", bytes.size()),
                "MPI counts them in 31 bits", "Take one twin rank (ranks = 1)."};
  return static_cast<int>(bytes.size());
}

MPI_Request broadcast(std::vector<std::byte>& bytes, MPI_Comm comm)
{
  MPI_Request request = MPI_REQUEST_NULL;
  mpi::check(MPI_Ibcast(bytes.data(), count_of(bytes), MPI_BYTE, 0, comm, &request), "MPI_Ibcast");
  return request;
}

}  // namespace

Crew::Crew(MPI_Comm part, int ranks, double deadline) : deadline_(deadline), ranks_(ranks)
{
  const int colour = mpi::rank(part) < ranks ? 0 : MPI_UNDEFINED;
  own_ = mpi::split(part, colour);
  orders_ = mpi::split(part, colour);
  if (works()) rank_ = mpi::rank(own_.get());
}

void Crew::tell(Frame& frame)
{
  if (ranks_ == 1) return;
  MPI_Request request = broadcast(frame.bytes(), orders_.get());
  mpi::wait(request, mpi::Deadline::in(deadline_), "the orders of a twin's first rank");
}

bool Crew::listen(Frame& frame)
{
  if (listening_ == MPI_REQUEST_NULL) listening_ = broadcast(frame.bytes(), orders_.get());
  int done = 0;
  mpi::check(MPI_Test(&listening_, &done, MPI_STATUS_IGNORE), "MPI_Test");
  return done != 0;
}

void Crew::share(std::vector<std::byte>& state)
{
  if (ranks_ == 1) return;
  MPI_Request request = broadcast(state, orders_.get());
  mpi::wait(request, mpi::Deadline::in(deadline_), "the model of a twin's first rank");
}

void Crew::abandon() noexcept
{
  static_cast<void>(own_.leave());
  static_cast<void>(orders_.leave());
}

}  // namespace cardan::twin
