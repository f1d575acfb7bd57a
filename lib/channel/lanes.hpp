/// All lanes of one rank in a channel, and the memory that they lie in.
#pragma once

#include "channel/choice.hpp"
#include "channel/lane.hpp"
#include "channel/pool.hpp"

#include <mpi.h>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cardan::channel {

class Lanes {
 public:
  /// Collective over `comm` and blocking: compares what all ranks declare (the same error on all),
  /// finds peers, makes the windows. `links` says who is linked instead of the boxes' overlap or an
  /// even share.
  Lanes(MPI_Comm comm, const ChannelOptions& options, const Choice& choice, const End& mine,
        const std::optional<Links>& links = {});
  /// Collective where the choice has no pool; else its windows are left to the next channel.
  ~Lanes();
  Lanes(const Lanes&) = delete;
  Lanes& operator=(const Lanes&) = delete;

  [[nodiscard]] std::vector<OutLane>& out() { return out_; }
  [[nodiscard]] std::vector<InLane>& in() { return in_; }
  [[nodiscard]] const Plan& plan() const { return plan_; }
  /// Boxes: where this rank's slots begin.
  [[nodiscard]] std::byte* slots() const { return slots_; }
  /// The same on all ranks.
  [[nodiscard]] TransportKind transport() const { return kind_; }
  /// Who is linked, for lanes that go the other way.
  [[nodiscard]] const Links& links() const { return links_; }
  /// Bytes of memory that peers write to.
  [[nodiscard]] std::size_t bytes() const;
  /// Says on all outgoing lanes that nothing more comes.
  void close();
  /// Collective: how many steps the producer of each incoming lane has offered.
  [[nodiscard]] std::vector<std::uint64_t> offered(MPI_Comm comm, mpi::Deadline deadline);
  /// Whether all incoming lanes are closed and read.
  [[nodiscard]] bool drained();
  /// Of all transports.
  void fence();
  /// Leaves everything to the end of the process.
  void abandon() noexcept;

 private:
  void open_transports(MPI_Comm comm, const ChannelOptions& options, double step_deadline);
  void make(std::size_t kind, std::size_t room, MPI_Comm comm, const ChannelOptions& options,
            double step_deadline);

  Links links_;
  Plan plan_;
  TransportKind kind_ = TransportKind::shared;
  /// Those of this channel, by number; null where no pair of ranks needs one.
  std::array<std::unique_ptr<Transport>, kinds.size()> transports_;
  std::shared_ptr<Pool> pool_;
  /// Where each is kept when the channel is closed; -1: it is not.
  std::array<int, kinds.size()> places_{-1, -1, -1};
  std::vector<OutLane> out_;
  std::vector<InLane> in_;
  std::byte* slots_ = nullptr;
};

}  // namespace cardan::channel
