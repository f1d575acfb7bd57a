/// The simulation's side of an ensemble: runs members, streams their frames, follows decisions.
#pragma once

#include "couplers/ensemble/frame.hpp"
#include "couplers/ensemble/member.hpp"
#include "couplers/ensemble/member_log.hpp"
#include "couplers/ensemble/settings.hpp"
#include "couplers/ensemble/team.hpp"
#include "couplers/steering/client.hpp"
#include "mpi/alarm.hpp"
#include "session/context.hpp"

#include <cardan/ensemble.hpp>
#include <cardan/field.hpp>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace cardan::ensemble {

/// What Client and Desk are opened with; on ML ranks without a shape.
steering::Declaration declaration_of(const Context& context, const EnsembleSettings& settings,
                                     const std::optional<EnsembleShape>& shape);

/// Throws where the simulation ranks are too few for the members' ranks.
void check_ranks(const Context& context, const EnsembleSettings& settings);

/// Collective over the simulation ranks: throws on all of them where one of them has a shape that
/// cannot be, or they differ.
void check_shape(const Context& context, const EnsembleSettings& settings,
                 const EnsembleShape& shape);

class Members : public Duty {
 public:
  /// Collective over the session and blocking; the same error on all ranks.
  Members(const Context& context, const EnsembleSettings& settings, const EnsembleShape& shape);
  Members(const Members&) = delete;
  Members& operator=(const Members&) = delete;

  // As Ensemble has them.
  [[nodiscard]] bool coupled() const { return client_.coupled(); }
  [[nodiscard]] int size() const { return settings_.members; }
  [[nodiscard]] const std::vector<int>& members() const { return team_.members(); }
  [[nodiscard]] MPI_Comm member_comm() const { return team_.comm(); }
  void run(const EnsemblePhysics& physics, const EnsembleRun& run);
  [[nodiscard]] const Member& member(int member) const;
  [[nodiscard]] const EnsembleCounters& counters() const { return counters_; }
  void on_decision(std::function<void(const MemberDecision&)> call) { call_ = std::move(call); }
  [[nodiscard]] std::vector<Ensemble::Latency> latencies() const;

  /// Where decisions are logged; before the first run.
  void log_to(std::unique_ptr<MemberLog> log) { log_ = std::move(log); }

  bool poll() override { return false; }
  [[nodiscard]] bool finished() override { return true; }
  void close() override { client_.close(); }
  void abandon() noexcept override;

 private:
  // members_run.cpp: who runs when.
  void barrier(const EnsembleRun& run);
  void asynchronous(const EnsembleRun& run);
  bool turn();
  void obey(const EnsembleRun& run);
  void idle(const EnsembleRun& run);
  [[nodiscard]] bool round_done(const EnsembleRun& run, std::int64_t done);
  void wait_for_round();
  void wait_for_any();
  void give_up(std::size_t index);

  // members_segment.cpp: one segment, and its frame.
  void advance(std::size_t index);
  void segment(std::size_t index);
  Team::Outcome compute(Member& member, double& passed);
  void send_frame(Member& member, FrameKind kind);
  void fail(std::size_t index);

  // members_follow.cpp: decisions.
  bool take();
  void keep(const steering::Incoming& incoming);
  void forget(Member& member);
  void find_own(Member& member, const Order& order);
  void follow_all();
  void follow(std::size_t index);
  void apply(std::size_t index, const Order& order);
  void go_on_alone(std::size_t index, const Order& order);
  void note(const Waiting& waiting, Followed followed, std::int64_t segment);

  const Context& context_;
  EnsembleSettings settings_;
  EnsembleShape shape_;
  mpi::Alarm alarm_;
  Team team_;
  steering::Client client_;
  std::vector<Member> records_;
  /// How many of them have a decision that waits.
  std::int64_t waiting_ = 0;
  EnsembleCounters counters_;
  std::function<void(const MemberDecision&)> call_;
  std::unique_ptr<MemberLog> log_;
  /// While it runs.
  const EnsemblePhysics* physics_ = nullptr;

  /// The frame that is being made, and a report's fields over it.
  std::int32_t kind_ = 0;
  double objective_ = 0;
  std::vector<double> descriptor_;
  std::vector<double> state_;
  std::array<Field, 4> fields_;

  /// A decision that another rank of the team has not asked for yet.
  std::optional<steering::Incoming> ahead_;
  /// The last ones, in a ring.
  std::vector<Ensemble::Latency> latencies_;
  std::size_t latest_ = 0;
  bool wrapped_ = false;
};

}  // namespace cardan::ensemble
