/// Ensembles: members that a learned model sends where they have not been.
#pragma once

#include <cardan/opened.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <mpi.h>

namespace cardan {

namespace ensemble {
class Members;
}

/// How large a frame is: numbers of a descriptor (what novelty is judged by), and of a state (all
/// that a restart needs). Where a member runs on several ranks: of this rank's part of the state,
/// the same on all; the descriptor is its first rank's.
struct EnsembleShape {
  std::int64_t descriptor = 1;
  std::int64_t state = 1;
};

/// A physics as the coupler sees it: what it takes to steer it. Members are numbered from 0 over
/// the whole ensemble; each function is called on the rank or ranks that run the member.
struct EnsemblePhysics {
  /// Runs one segment; returns the simulated time that passed, or a negative number where the
  /// member has come to its own end: it is not run any more, unless it is restarted.
  std::function<double(int member)> advance;
  /// Writes the descriptor of where the member is now.
  std::function<void(int member, std::span<double> descriptor)> describe;
  /// Writes the state.
  std::function<void(int member, std::span<double> state)> save;
  /// Goes on from a state that `save` of any member wrote; empty: from a new one of the member's
  /// own choice. What is random afterwards is drawn from `seed`.
  std::function<void(int member, std::span<const double> state, std::uint64_t seed)> restart;
  /// Optional: what swarm mode minimises, such as an energy.
  std::function<double(int member)> objective;
};

/// What became of a member.
enum class MemberState : std::uint8_t {
  /// Runs.
  running,
  /// Came to its own end.
  ended,
  /// Was told to stop.
  stopped,
  /// Produced what is not a number, and nothing took its place.
  failed
};
const char* to_string(MemberState state) noexcept;

/// How long an ensemble runs: until every member has done its segments, or earlier.
struct EnsembleRun {
  std::int64_t segments = 1;
  /// Called after each segment of all this rank's members with the number of segments done; false
  /// ends the run. With `barrier = true` it may be collective over the simulation ranks, and has to
  /// give the same answer on all; otherwise it must not be, and ends this rank's members only.
  std::function<bool(std::int64_t done)> until;
};

/// Sums over this rank's members.
struct EnsembleCounters {
  std::int64_t segments = 0;
  double simulated_time = 0;
  /// Frames sent, and those dropped because the ML rank was behind (`full = "drop"`).
  std::int64_t frames = 0;
  std::int64_t dropped = 0;
  /// Decisions by what they said.
  std::int64_t continued = 0;
  std::int64_t restarted = 0;
  std::int64_t stopped = 0;
  /// Decisions that came too late, or not at all before the deadline: the member went on.
  std::int64_t late = 0;
  std::int64_t missing = 0;
  /// Decisions that a newer one replaced before the member could follow them.
  std::int64_t superseded = 0;
  /// Segments that produced what is not a number.
  std::int64_t failures = 0;
};

/// One decision that a member has followed.
struct MemberDecision {
  enum class Action : std::uint8_t { go_on = 0, restart = 1, stop = 2, reseed = 3 };
  Action action = Action::go_on;
  std::int64_t id = 0;
  int member = 0;
  /// Its segments when it was applied, and when the frame was made that led to it.
  std::int64_t segment = 0;
  std::int64_t made_from = 0;
  /// The frame that it was restarted from; -1 where there is none.
  int from_member = -1;
  std::int64_t from_segment = -1;
  std::uint32_t version = 0;
  double score = 0;
  double weight = 1;
  /// Seconds from the frame until it was applied, and those of them for inference and scoring.
  double latency = 0;
  double work = 0;
};

/// An ensemble as a simulation rank sees it; a handle, copied freely, valid as long as its session.
/// Opening (Session::ensemble) is collective over the session.
class Ensemble {
 public:
  /// Of the whole ensemble; and those that this rank runs, ascending.
  [[nodiscard]] int size() const;
  [[nodiscard]] const std::vector<int>& members() const;
  /// The ranks that run the same members as this one: MPI_COMM_SELF unless the run file's
  /// `ranks_per_member` is more than 1. Owned by the session.
  [[nodiscard]] MPI_Comm member_comm() const;
  /// Runs this rank's members segment by segment: each frame goes to the ML rank, and what it
  /// decides is followed at the segment's end. With `barrier = true` all members wait for all
  /// decisions of a round; otherwise each takes what has arrived and goes on. Without ML ranks
  /// members are independent. Collective over the simulation ranks with `barrier = true`; over the
  /// member's ranks otherwise. May be called again: members go on where they were.
  void run(const EnsemblePhysics& physics, const EnsembleRun& run);
  [[nodiscard]] MemberState state(int member) const;
  /// Segments done, simulated time, and statistical weight (1 / size without resampling).
  [[nodiscard]] std::int64_t segments(int member) const;
  [[nodiscard]] double time(int member) const;
  [[nodiscard]] double weight(int member) const;
  [[nodiscard]] const EnsembleCounters& counters() const;
  /// Called for each decision that a member of this rank follows.
  void on_decision(std::function<void(const MemberDecision& decision)> call);
  /// Seconds from the frame that completed the data of a decision until it was applied, and those
  /// of them that inference and scoring took: the last ones, at most 65536, oldest first.
  struct Latency {
    double latency = 0;
    double work = 0;
  };
  [[nodiscard]] std::vector<Latency> latencies() const;

  explicit Ensemble(ensemble::Members& members, Life life = {})
      : members_(&members, std::move(life))
  {}

 private:
  Opened<ensemble::Members> members_;
};

}  // namespace cardan
