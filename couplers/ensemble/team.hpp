/// The ranks that run the same members: the first one leads, the others do what it says.
#pragma once

#include "couplers/ensemble/frame.hpp"
#include "mpi/alarm.hpp"
#include "mpi/comm.hpp"

#include <cardan/ensemble.hpp>

#include <mpi.h>

#include <cstdint>
#include <vector>

namespace cardan::ensemble {

/// What the leader says; sent as it is.
struct Order {
  enum class What : std::int64_t {
    /// Run a segment of a member.
    advance,
    /// Follow a decision.
    follow,
    /// Begin anew from `seed`, without a decision.
    reseed,
    /// Wait for no decision any more.
    stay,
    /// So many segments of all members are done.
    round,
    /// The run ends.
    end
  };
  What what = What::end;
  /// Of the member among the team's; of a round its number.
  std::int64_t index = 0;
  std::uint64_t seed = 0;
  MemberDecision decision;
};

class Team {
 public:
  /// Collective over `part`, the simulation ranks. `patience`: seconds that a rank waits for
  /// another of its team.
  Team(MPI_Comm part, const Deal& deal, mpi::Alarm& alarm, double patience);

  /// Those that are run here; none on ranks that are left over.
  [[nodiscard]] const std::vector<int>& members() const { return members_; }
  [[nodiscard]] bool works() const { return number_ >= 0; }
  [[nodiscard]] bool leads() const { return part_ == 0; }
  [[nodiscard]] bool alone() const { return !comm_; }
  [[nodiscard]] int part() const { return part_; }
  [[nodiscard]] MPI_Comm comm() const { return alone() ? MPI_COMM_SELF : comm_.get(); }

  /// Leader: to the others, who listen. Throws `Late` where one of them does not come.
  void tell(const Order& order);
  [[nodiscard]] Order listen();

  /// How a segment ended on a rank; the larger one of the team's counts.
  enum class Outcome : int { fine, ended, not_a_number, thrown };
  [[nodiscard]] Outcome agree(Outcome mine);
  /// Waits for the error that another rank of the team has thrown.
  [[noreturn]] void wait_for_error();
  void abandon() noexcept { static_cast<void>(comm_.leave()); }

 private:
  mpi::Alarm& alarm_;
  double patience_;
  int number_;
  int part_;
  std::vector<int> members_;
  /// Empty where a team is one rank.
  mpi::Comm comm_;
  /// Under way; still there where an error ends the wait.
  Order order_;
  int outcome_ = 0;
};

}  // namespace cardan::ensemble
