#include "session/parcels.hpp"

#include "mpi/comm.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace cardan {

namespace {

constexpr int tag = 7343;
/// MPI counts in ints.
constexpr std::size_t most = std::size_t{1} << 30;

template <class Move>
void in_pieces(std::size_t bytes, Move&& move)
{
  for (std::size_t at = 0; at < bytes; at += most)
    move(at, static_cast<int>(std::min(most, bytes - at)));
}

}  // namespace

std::vector<Parcel> exchange_parcels(MPI_Comm comm, std::vector<Parcel> to, mpi::Deadline deadline)
{
  const auto ranks = static_cast<std::size_t>(mpi::size(comm));
  const auto me = static_cast<std::size_t>(mpi::rank(comm));
  std::vector<std::int64_t> sent(ranks);
  std::vector<std::int64_t> received(ranks);
  for (std::size_t r = 0; r < ranks; ++r) sent[r] = static_cast<std::int64_t>(to[r].size());
  MPI_Request request = MPI_REQUEST_NULL;
  mpi::check(
      MPI_Ialltoall(sent.data(), 1, MPI_INT64_T, received.data(), 1, MPI_INT64_T, comm, &request),
      "MPI_Ialltoall");
  mpi::wait(request, deadline, "what ranks hand over");

  std::vector<Parcel> from(ranks);
  std::vector<MPI_Request> moving;
  for (std::size_t r = 0; r < ranks; ++r) {
    if (r == me) continue;
    from[r].resize(static_cast<std::size_t>(received[r]));
    in_pieces(from[r].size(), [&](std::size_t at, int bytes) {
      moving.push_back(MPI_REQUEST_NULL);
      mpi::check(MPI_Irecv(from[r].data() + at, bytes, MPI_BYTE, static_cast<int>(r), tag, comm,
                           &moving.back()),
                 "MPI_Irecv");
    });
  }
  for (std::size_t r = 0; r < ranks; ++r) {
    if (r == me) continue;
    in_pieces(to[r].size(), [&](std::size_t at, int bytes) {
      moving.push_back(MPI_REQUEST_NULL);
      mpi::check(MPI_Isend(to[r].data() + at, bytes, MPI_BYTE, static_cast<int>(r), tag, comm,
                           &moving.back()),
                 "MPI_Isend");
    });
  }
  from[me] = std::move(to[me]);
  for (auto& each : moving) mpi::wait(each, deadline, "what ranks hand over");
  return from;
}

}  // namespace cardan
