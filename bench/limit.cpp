#include "limit.hpp"

namespace bench {

namespace {

void poll_nothing() {}

}  // namespace

SharedSlots::SharedSlots(const Team& team, const Layout& layout)
    : count_(static_cast<std::size_t>(layout.mine.count))
{
  const Places places{team};
  const auto bytes = static_cast<MPI_Aint>(places.bytes(team, layout));
  MPI_Info info = MPI_INFO_NULL;
  MPI_Info_create(&info);
  MPI_Info_set(info, "alloc_shared_noncontig", "true");
  void* memory = nullptr;
  MPI_Win_allocate_shared(bytes, 1, info, team.comm, &memory, &window_.raw);
  MPI_Info_free(&info);
  MPI_Win_lock_all(MPI_MODE_NOCHECK, window_.raw);
  std::memset(memory, 0, static_cast<std::size_t>(bytes));
  MPI_Barrier(team.comm);

  for (const Lane& lane : layout.lanes) {
    const bool produces = team.produces();
    std::byte* of_producer = memory_of(produces ? team.rank : lane.rank);
    std::byte* of_consumer = memory_of(produces ? lane.rank : team.rank);
    const int producer = produces ? team.rank : lane.peer;
    const int consumer = produces ? lane.peer : team.consumer();
    const Part& part = produces ? lane.part : layout.mine;
    Shared shared{};
    shared.flag = of_consumer + places.flag(producer);
    shared.credit = of_producer + places.credit(consumer);
    shared.decision = of_producer + places.decision(consumer);
    shared.decision_flag = of_producer + places.decision_flag(consumer);
    for (std::size_t i = 0; i < slots; ++i)
      shared.ring[i] = reinterpret_cast<std::int64_t*>(of_consumer + places.slot(i, part));
    lanes_.push_back(shared);
  }
}

std::byte* SharedSlots::memory_of(int rank) const
{
  MPI_Aint size = 0;
  int unit = 0;
  void* memory = nullptr;
  MPI_Win_shared_query(window_.raw, rank, &size, &unit, &memory);
  return align(memory);
}

std::int64_t* SharedSlots::wait_for_room(std::size_t lane)
{
  const Shared& shared = lanes_[lane];
  wait([&] { return load(shared.credit) + slots > sent_; }, poll_nothing);
  return shared.ring[sent_ % slots];
}

void SharedSlots::await(std::span<Decision> decisions)
{
  ++decided_;
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    wait([&] { return load(lanes_[i].decision_flag) >= decided_; }, poll_nothing);
    std::memcpy(&decisions[i], lanes_[i].decision, sizeof(Decision));
  }
}

std::span<const std::int64_t> SharedSlots::wait_for_step()
{
  for (const Shared& shared : lanes_)
    wait([&] { return load(shared.flag) > received_; }, poll_nothing);
  return {lanes_.front().ring[received_ % slots], count_};
}

void SharedSlots::release()
{
  ++received_;
  for (const Shared& shared : lanes_) store(shared.credit, received_);
}

void SharedSlots::answer(const Decision& decision)
{
  ++decided_;
  for (const Shared& shared : lanes_) {
    std::memcpy(shared.decision, &decision, sizeof(Decision));
    store(shared.decision_flag, decided_);
  }
}

std::unique_ptr<Way> make_limit(const Team& team, const Layout& layout, const Sources& sources)
{
  const std::int64_t first = layout.mine.first;
  const auto copy = [&sources, first](const Lane& lane, std::int64_t step, std::int64_t* slot) {
    const Part& piece = lane.overlap;
    std::memcpy(slot + (piece.first - lane.part.first),
                sources.array(step).data() + (piece.first - first),
                sizeof(std::int64_t) * static_cast<std::size_t>(piece.count));
  };
  return std::make_unique<SharedWay<decltype(copy)>>(team, layout, copy);
}

}  // namespace bench
