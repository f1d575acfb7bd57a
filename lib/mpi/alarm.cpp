#include "mpi/alarm.hpp"

#include <cardan/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace cardan::mpi {

Alarm::Alarm(MPI_Comm comm) : comm_(mpi::duplicate(comm)), meeting_(mpi::duplicate(comm)) {}

// Nobody may be left to receive it: messages as short as this are sent without one.
void Alarm::raise(const char* message) noexcept
{
  if (raised_ || !mpi::alive()) return;
  raised_ = true;
  const std::string_view text = std::string_view{message}.substr(0, longest - 1);
  std::copy(text.begin(), text.end(), text_.begin());
  const int me = mpi::rank(comm_.get());
  for (int rank = 0; rank < mpi::size(comm_.get()); ++rank) {
    if (rank == me) continue;
    MPI_Request request = MPI_REQUEST_NULL;
    if (MPI_Isend(text_.data(), longest, MPI_CHAR, rank, 0, comm_.get(), &request) == MPI_SUCCESS)
      MPI_Request_free(&request);
  }
}

void Alarm::check()
{
  int waiting = 0;
  MPI_Status status;
  mpi::check(MPI_Iprobe(MPI_ANY_SOURCE, 0, comm_.get(), &waiting, &status), "MPI_Iprobe");
  if (waiting == 0) return;
  std::array<char, longest> text{};
  mpi::check(MPI_Recv(text.data(), longest, MPI_CHAR, status.MPI_SOURCE, 0, comm_.get(),
                      MPI_STATUS_IGNORE),
             "MPI_Recv");
  raised_ = true;
  throw Error{fmt::format("simulation rank {}: {}", status.MPI_SOURCE, text.data())};
}

void Alarm::wait(MPI_Request& request, mpi::Deadline deadline, const char* what)
{
  int done = 0;
  const bool completed = wait_until(
      [&] {
        mpi::check(MPI_Test(&request, &done, MPI_STATUS_IGNORE), what);
        return done != 0;
      },
      deadline);
  if (!completed) mpi::throw_late(what);
}

void Alarm::meet(mpi::Deadline deadline, const char* what)
{
  MPI_Request request = MPI_REQUEST_NULL;
  mpi::check(MPI_Ibarrier(meeting_.get(), &request), "MPI_Ibarrier");
  try {
    wait(request, deadline, what);
  } catch (...) {
    static_cast<void>(meeting_.leave());
    throw;
  }
}

void Alarm::abandon() noexcept
{
  static_cast<void>(comm_.leave());
  static_cast<void>(meeting_.leave());
}

}  // namespace cardan::mpi
