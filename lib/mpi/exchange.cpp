#include "mpi/exchange.hpp"

#include "mpi/comm.hpp"

#include <numeric>

namespace cardan::mpi {

std::vector<Numbers> exchange(MPI_Comm comm, const std::vector<Letter>& letters,
                              const std::vector<int>& from, int tag, Deadline deadline)
{
  std::vector<MPI_Request> sending(letters.size(), MPI_REQUEST_NULL);
  for (std::size_t i = 0; i < letters.size(); ++i)
    check(MPI_Isend(letters[i].numbers.data(), static_cast<int>(letters[i].numbers.size()),
                    MPI_INT64_T, letters[i].peer, tag, comm, &sending[i]),
          "MPI_Isend");
  std::vector<Numbers> received;
  for (const int peer : from) {
    int there = 0;
    MPI_Message message = MPI_MESSAGE_NULL;
    MPI_Status status;
    const auto probe = [&] {
      check(MPI_Improbe(peer, tag, comm, &there, &message, &status), "MPI_Improbe");
      return there != 0;
    };
    if (!wait_until(probe, deadline)) throw_late("a letter from another rank");
    int length = 0;
    MPI_Get_count(&status, MPI_INT64_T, &length);
    Numbers numbers(static_cast<std::size_t>(length));
    MPI_Request request = MPI_REQUEST_NULL;
    check(MPI_Imrecv(numbers.data(), length, MPI_INT64_T, &message, &request), "MPI_Imrecv");
    wait(request, deadline, "a letter from another rank");
    received.push_back(std::move(numbers));
  }
  for (auto& request : sending) wait(request, deadline, "a letter to another rank");
  return received;
}

std::vector<Letter> deliver(MPI_Comm comm, const std::vector<Letter>& letters)
{
  const auto ranks = static_cast<std::size_t>(size(comm));
  std::vector<int> sent(ranks, 0);
  for (const auto& letter : letters)
    sent[static_cast<std::size_t>(letter.peer)] += static_cast<int>(letter.numbers.size());
  std::vector<int> received(ranks, 0);
  check(MPI_Alltoall(sent.data(), 1, MPI_INT, received.data(), 1, MPI_INT, comm), "MPI_Alltoall");
  const auto starts = [](const std::vector<int>& counts) {
    std::vector<int> begins(counts.size(), 0);
    std::partial_sum(counts.begin(), counts.end() - 1, begins.begin() + 1);
    return begins;
  };
  const auto out = starts(sent);
  const auto in = starts(received);
  Numbers outgoing(static_cast<std::size_t>(out.back() + sent.back()));
  auto at = out;
  for (const auto& letter : letters)
    for (const auto number : letter.numbers)
      outgoing[static_cast<std::size_t>(at[static_cast<std::size_t>(letter.peer)]++)] = number;
  Numbers incoming(static_cast<std::size_t>(in.back() + received.back()));
  check(MPI_Alltoallv(outgoing.data(), sent.data(), out.data(), MPI_INT64_T, incoming.data(),
                      received.data(), in.data(), MPI_INT64_T, comm),
        "MPI_Alltoallv");
  std::vector<Letter> arrived;
  for (std::size_t r = 0; r < ranks; ++r)
    if (received[r] > 0)
      arrived.push_back({static_cast<int>(r),
                         {incoming.begin() + in[r], incoming.begin() + in[r] + received[r]}});
  return arrived;
}

}  // namespace cardan::mpi
