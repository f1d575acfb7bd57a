/// What stands behind a Steering: reports, and decisions as the run file wants them taken.
#pragma once

#include "couplers/steering/client.hpp"
#include "couplers/steering/settings.hpp"
#include "provenance/steering_log.hpp"
#include "session/context.hpp"

#include <cardan/steering.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cardan::steering {

/// What a rank keeps of a steered quantity from one split of ranks to the next: its counters, and
/// the newest decision that it has not dealt with.
struct Kept {
  SteeringCounters counters;
  bool waits = false;
  DecisionHeader header;
  int rank = 0;
  std::string reason;
  std::vector<std::vector<std::byte>> columns;
};

class Handle : public Duty {
 public:
  using Fields = Steering::FieldList;
  /// Collective over the simulation ranks and, where there are ML ranks, the other half of `serve`.
  /// `defaults` as `read_defaults` gives them.
  Handle(const Context& context, const SteeringSettings& settings, const Declaration& declaration,
         std::vector<std::vector<std::byte>> defaults, const provenance::Journal& journal);
  ~Handle() override;
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  void report(Fields fields);
  bool poll(Fields fields);
  bool wait(Fields fields, double seconds);
  [[nodiscard]] const DecisionStamp& stamp() const { return stamp_; }
  [[nodiscard]] const SteeringCounters& counters() const;

  [[nodiscard]] bool poll() override { return false; }
  [[nodiscard]] bool finished() override { return true; }
  void close() override { client_.close(); }
  void part() override;
  void abandon() noexcept override;

 private:
  void check_decision(Fields fields) const;
  bool take(Fields fields);
  [[nodiscard]] std::optional<Incoming> newest();
  void keep(const Incoming& incoming);
  void nothing(Fields fields);
  [[nodiscard]] DecisionStamp stamp_of(const Incoming& incoming, std::int64_t age) const;
  void record(const Incoming& incoming, const DecisionStamp& stamp, bool late, bool applied);

  const Context& context_;
  SteeringSettings settings_;
  std::vector<std::vector<std::byte>> defaults_;
  Client client_;
  provenance::Journal journal_;
  std::vector<Field> staged_;
  std::vector<const std::byte*> columns_;
  DecisionStamp stamp_;
  std::array<char, reason_bytes> reason_{};
  /// The loop over steps that the stamp is of.
  std::int64_t loop_ = 0;
  std::int64_t outdated_ = 0;
  mutable SteeringCounters counters_;
  /// Of the splits before.
  std::shared_ptr<Kept> kept_;
  bool abandoned_ = false;
};

}  // namespace cardan::steering
