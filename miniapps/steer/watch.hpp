/// Which states the walkers of an ensemble have found, and when.
#pragma once

#include <mpi.h>

#include <cstdint>
#include <limits>
#include <vector>

namespace steer {

/// A state, when it was found first: in simulated time of all walkers together, and in seconds.
struct Found {
  int state = 0;
  double time = 0;
  double wall = 0;
};

/// Looks on while walkers run: one object on each rank of a communicator, for one run.
class Watch {
 public:
  /// Collective over `comm`, which is borrowed. `rounds`: the walkers of all ranks wait for one
  /// another after each segment, so that `go_on` may be collective.
  Watch(MPI_Comm comm, int states, bool rounds);

  /// A segment of a walker of this rank is over: in this state (-1: none of them), with this
  /// statistical weight.
  void segment(double time, int state, double weight);
  /// After a segment of all of this rank's walkers: whether there is a state that none has found.
  /// Collective with rounds; otherwise it reads what other ranks have sent.
  bool go_on();
  /// Whether all states were found, as far as this rank knows.
  [[nodiscard]] bool complete() const;
  [[nodiscard]] int found() const;
  /// Simulated time: of all walkers as of the last round, or else of this rank's.
  [[nodiscard]] double time() const { return rounds_ ? time_ : mine_; }
  [[nodiscard]] double seconds() const { return MPI_Wtime() - begin_; }

  /// What a whole run has shown; on all ranks.
  struct Sums {
    /// By time.
    std::vector<Found> found;
    double time = 0;
    double seconds = 0;
    /// Share of the weighted time in each state; what is missing from 1 was in none of them.
    std::vector<double> populations;
  };
  /// Collective and blocking.
  Sums finish();

 private:
  /// How far this rank was at a moment.
  struct Mark {
    double wall = 0;
    double time = 0;
  };
  static constexpr double never = std::numeric_limits<double>::infinity();

  void tell_others();
  void hear_others();
  void end_of_round();
  [[nodiscard]] std::vector<Found> merged() const;

  MPI_Comm comm_;
  bool rounds_;
  int ranks_ = 1;
  double begin_ = 0;
  double mine_ = 0;
  double time_ = 0;
  /// By state: when this rank found it, and what is known of others'.
  std::vector<double> here_;
  std::vector<char> known_;
  std::vector<Found> in_rounds_;
  std::vector<Mark> marks_;
  std::vector<double> weighted_;
  double weights_ = 0;
  /// What was sent to others without rounds: the number of messages; and what came.
  std::int64_t sent_ = 0;
  std::int64_t received_ = 0;
  int told_ = 0;
};

}  // namespace steer
