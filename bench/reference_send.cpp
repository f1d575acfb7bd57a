#include "references.hpp"
#include "waiting.hpp"

#include <vector>

namespace bench {

namespace {

constexpr int field_tag = 1;
constexpr int decision_tag = 2;

class Send : public Way {
 public:
  Send(const Team& team, const Layout& layout, const Sources& sources)
      : team_(team), layout_(layout), sources_(sources)
  {
    for (std::size_t i = 0; i < slots; ++i) {
      requests_[i].assign(layout.lanes.size(), MPI_REQUEST_NULL);
      if (!team.produces()) buffers_[i] = Buffer(layout.mine.count);
    }
  }

  void begin(std::int64_t steps) override
  {
    if (team_.produces()) return;
    to_post_ = steps;
    for (Sequence i = 0; i < slots; ++i) post(received_ + i);
  }

  void end() override
  {
    for (std::size_t i = 0; i < slots; ++i) finish(i);
  }

  void send(std::int64_t step) override
  {
    finish(sent_);
    const std::int64_t* source = sources_.array(step).data();
    for (std::size_t i = 0; i < layout_.lanes.size(); ++i) {
      const Lane& lane = layout_.lanes[i];
      MPI_Isend(source + (lane.overlap.first - layout_.mine.first),
                static_cast<int>(lane.overlap.count), MPI_INT64_T, lane.rank, field_tag, team_.comm,
                &requests_[sent_ % slots][i]);
    }
    ++sent_;
  }

  void await(std::span<Decision> decisions) override
  {
    for (std::size_t i = 0; i < layout_.lanes.size(); ++i)
      MPI_Recv(decisions[i].data(), static_cast<int>(decisions[i].size()), MPI_INT64_T,
               layout_.lanes[i].rank, decision_tag, team_.comm, MPI_STATUS_IGNORE);
  }

  std::uint64_t receive(std::int64_t step, const Read& read) override
  {
    finish(received_);
    const std::uint64_t sum = read(buffers_[received_ % slots].span(), values(step));
    post(received_++);
    return sum;
  }

  void answer(std::int64_t /*step*/, const Decision& decision) override
  {
    for (const Lane& lane : layout_.lanes)
      MPI_Send(decision.data(), static_cast<int>(decision.size()), MPI_INT64_T, lane.rank,
               decision_tag, team_.comm);
  }

 private:
  void finish(Sequence step)
  {
    auto& requests = requests_[step % slots];
    MPI_Waitall(static_cast<int>(requests.size()), requests.data(), MPI_STATUSES_IGNORE);
  }

  /// Receives into the step's buffer, unless no more steps come in this series.
  void post(Sequence step)
  {
    if (to_post_ == 0) return;
    --to_post_;
    std::int64_t* buffer = buffers_[step % slots].span().data();
    for (std::size_t i = 0; i < layout_.lanes.size(); ++i) {
      const Lane& lane = layout_.lanes[i];
      MPI_Irecv(buffer + (lane.overlap.first - layout_.mine.first),
                static_cast<int>(lane.overlap.count), MPI_INT64_T, lane.rank, field_tag, team_.comm,
                &requests_[step % slots][i]);
    }
  }

  Team team_;
  Layout layout_;
  const Sources& sources_;
  std::array<std::vector<MPI_Request>, slots> requests_;
  std::array<Buffer, slots> buffers_;
  std::int64_t to_post_ = 0;
  Sequence sent_ = 0;
  Sequence received_ = 0;
};

}  // namespace

std::unique_ptr<Way> make_send(const Team& team, const Layout& layout, const Sources& sources)
{
  return std::make_unique<Send>(team, layout, sources);
}

}  // namespace bench
