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

void Bare::ask_messages(Words sent, Words back)
{
  MPI_Send(sent.data(), static_cast<int>(bytes_), MPI_BYTE, 1, 0, comm_);
  MPI_Recv(back.data(), static_cast<int>(bytes_), MPI_BYTE, 1, 0, comm_, MPI_STATUS_IGNORE);
}

void Bare::answer_messages(std::int64_t trips)
{
  for (std::int64_t trip = 0; trip < trips; ++trip) {
    MPI_Recv(room_.data(), static_cast<int>(bytes_), MPI_BYTE, 0, 0, comm_, MPI_STATUS_IGNORE);
    ++room_[number_word];
    MPI_Send(room_.data(), static_cast<int>(bytes_), MPI_BYTE, 0, 0, comm_);
  }
}

}  // namespace bench
