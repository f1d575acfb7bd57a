#include "decisions/bare.hpp"

#include <cstring>

namespace bench {

Bare::Bare(MPI_Comm comm, std::size_t words) : bytes_(words * sizeof(std::int64_t)), room_(words)
{
  int rank = 0;
  MPI_Comm_rank(comm, &rank);
  MPI_Comm_dup(comm, &comm_);
  MPI_Info info = MPI_INFO_NULL;
  MPI_Info_create(&info);
  MPI_Info_set(info, "alloc_shared_noncontig", "true");
  void* memory = nullptr;
  const auto bytes = static_cast<MPI_Aint>(bytes_ + 2 * line);
  MPI_Win_allocate_shared(bytes, 1, info, comm_, &memory, &window_.raw);
  MPI_Info_free(&info);
  MPI_Win_lock_all(MPI_MODE_NOCHECK, window_.raw);
  std::memset(memory, 0, static_cast<std::size_t>(bytes));
  MPI_Barrier(comm_);
  const auto of = [&](int owner) {
    MPI_Aint size = 0;
    int unit = 0;
    void* found = nullptr;
    MPI_Win_shared_query(window_.raw, owner, &size, &unit, &found);
    const auto address = reinterpret_cast<std::uintptr_t>(found);
    return reinterpret_cast<std::byte*>((address + line - 1) / line * line);
  };
  mine_ = of(rank);
  other_ = of(1 - rank);
}

Bare::~Bare()
{
  if (std::uncaught_exceptions() == 0) MPI_Comm_free(&comm_);
}

void Bare::ask_memory(Words sent, Words back)
{
  ++trips_;
  std::memcpy(other_ + line, sent.data(), bytes_);
  store(other_, trips_);
  wait([&] { return load(mine_) >= trips_; }, [] {});
  std::memcpy(back.data(), mine_ + line, bytes_);
}

void Bare::answer_memory(std::int64_t trips)
{
  for (std::int64_t trip = 0; trip < trips; ++trip) {
    ++trips_;
    wait([&] { return load(mine_) >= trips_; }, [] {});
    std::memcpy(room_.data(), mine_ + line, bytes_);
    ++room_[number_word];
    std::memcpy(other_ + line, room_.data(), bytes_);
    store(other_, trips_);
  }
}

// Waits as all ways do: a rank that shares its core gives it away.
void Bare::finish(MPI_Request request)
{
  wait(
      [&] {
        int done = 0;
        MPI_Test(&request, &done, MPI_STATUS_IGNORE);
        return done != 0;
      },
      [] {});
}

void Bare::send(Words from, int to)
{
  MPI_Request request = MPI_REQUEST_NULL;
  MPI_Isend(from.data(), static_cast<int>(bytes_), MPI_BYTE, to, 0, comm_, &request);
  finish(request);
}

void Bare::receive(Words to, int from)
{
  MPI_Request request = MPI_REQUEST_NULL;
  MPI_Irecv(to.data(), static_cast<int>(bytes_), MPI_BYTE, from, 0, comm_, &request);
  finish(request);
}

void Bare::ask_messages(Words sent, Words back)
{
  send(sent, 1);
  receive(back, 1);
}

void Bare::answer_messages(std::int64_t trips)
{
  for (std::int64_t trip = 0; trip < trips; ++trip) {
    receive(room_, 0);
    ++room_[number_word];
    send(room_, 0);
  }
}

}  // namespace bench
