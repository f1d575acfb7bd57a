#include "references.hpp"
#include "waiting.hpp"

#include <cstring>
#include <vector>

namespace bench {

namespace {

class RawPut : public Way {
 public:
  RawPut(const Team& team, const Layout& layout, const Sources& sources)
      : team_(team), layout_(layout), sources_(sources), places_(team)
  {
    const auto bytes = static_cast<MPI_Aint>(places_.bytes(team, layout));
    void* memory = nullptr;
    MPI_Win_allocate(bytes, 1, MPI_INFO_NULL, team.comm, &memory, &window_.raw);
    MPI_Win_lock_all(MPI_MODE_NOCHECK, window_.raw);
    std::memset(memory, 0, static_cast<std::size_t>(bytes));
    memory_ = align(memory);
    // Where each rank's lines begin in its window: bases are 8 mod 64 with some components.
    const MPI_Aint mine = memory_ - static_cast<std::byte*>(memory);
    begins_.resize(places_.producers + places_.consumers);
    MPI_Allgather(&mine, 1, MPI_AINT, begins_.data(), 1, MPI_AINT, team.comm);
  }

  void send(std::int64_t step) override
  {
    const std::int64_t* source = sources_.array(step).data();
    for (const Lane& lane : layout_.lanes) {
      wait_above(places_.credit(lane.peer), sent_ + 1 > slots ? sent_ - slots + 1 : 0);
      const Part& piece = lane.overlap;
      const std::size_t into =
          sizeof(std::int64_t) * static_cast<std::size_t>(piece.first - lane.part.first);
      MPI_Put(source + (piece.first - layout_.mine.first), static_cast<int>(piece.count),
              MPI_INT64_T, lane.rank, target(lane.rank, places_.slot(sent_, lane.part) + into),
              static_cast<int>(piece.count), MPI_INT64_T, window_.raw);
      MPI_Win_flush(lane.rank, window_.raw);
      put_flag(lane.rank, places_.flag(team_.rank), sent_ + 1);
    }
    ++sent_;
  }

  void await(std::span<Decision> decisions) override
  {
    ++decided_;
    for (std::size_t i = 0; i < layout_.lanes.size(); ++i) {
      const int consumer = layout_.lanes[i].peer;
      wait_above(places_.decision_flag(consumer), decided_);
      std::memcpy(&decisions[i], memory_ + places_.decision(consumer), sizeof(Decision));
    }
  }

  std::uint64_t receive(std::int64_t step, const Read& read) override
  {
    for (const Lane& lane : layout_.lanes) wait_above(places_.flag(lane.peer), received_ + 1);
    const auto* slot =
        reinterpret_cast<const std::int64_t*>(memory_ + places_.slot(received_, layout_.mine));
    const std::uint64_t sum =
        read({slot, static_cast<std::size_t>(layout_.mine.count)}, values(step));
    ++received_;
    for (const Lane& lane : layout_.lanes)
      put_flag(lane.rank, places_.credit(team_.consumer()), received_);
    return sum;
  }

  void answer(std::int64_t /*step*/, const Decision& decision) override
  {
    ++decided_;
    for (const Lane& lane : layout_.lanes) {
      MPI_Put(decision.data(), static_cast<int>(decision.size()), MPI_INT64_T, lane.rank,
              target(lane.rank, places_.decision(team_.consumer())),
              static_cast<int>(decision.size()), MPI_INT64_T, window_.raw);
      MPI_Win_flush(lane.rank, window_.raw);
      put_flag(lane.rank, places_.decision_flag(team_.consumer()), decided_);
    }
  }

 private:
  /// Until the number in this rank's cell is at least `least`.
  void wait_above(std::size_t cell, Sequence least) const
  {
    const auto probe = [&] {
      int found = 0;
      MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, team_.comm, &found, MPI_STATUS_IGNORE);
    };
    wait([&] { return load(memory_ + cell) >= least; }, probe);
  }

  void put_flag(int rank, std::size_t cell, Sequence value)
  {
    flag_ = value;
    MPI_Put(&flag_, 1, MPI_UINT64_T, rank, target(rank, cell), 1, MPI_UINT64_T, window_.raw);
    MPI_Win_flush(rank, window_.raw);
  }

  [[nodiscard]] MPI_Aint target(int rank, std::size_t place) const
  {
    return begins_[static_cast<std::size_t>(rank)] + static_cast<MPI_Aint>(place);
  }

  Team team_;
  Layout layout_;
  const Sources& sources_;
  Places places_;
  Window window_;
  std::byte* memory_ = nullptr;
  std::vector<MPI_Aint> begins_;
  Sequence flag_ = 0;
  Sequence sent_ = 0;
  Sequence received_ = 0;
  Sequence decided_ = 0;
};

}  // namespace

std::unique_ptr<Way> make_raw_put(const Team& team, const Layout& layout, const Sources& sources)
{
  return std::make_unique<RawPut>(team, layout, sources);
}

}  // namespace bench
