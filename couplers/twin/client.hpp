/// The asset's side of a twin: paces cycles, publishes observations, takes answers by a deadline.
#pragma once

#include "couplers/steering/client.hpp"
#include "couplers/twin/faults.hpp"
#include "couplers/twin/pace.hpp"
#include "couplers/twin/settings.hpp"
#include "couplers/twin/wire.hpp"
#include "provenance/steering_log.hpp"
#include "session/context.hpp"

#include <cardan/twin.hpp>

#include <cstddef>
#include <deque>
#include <optional>
#include <vector>

namespace cardan::twin {

class Client : public Duty {
 public:
  /// Collective over the session and blocking; the same error on all ranks. `defaults` as
  /// `read_defaults` gives them.
  Client(const Context& context, const Settings& settings, const Features& observation,
         const Features& answer, std::vector<std::vector<std::byte>> defaults,
         const provenance::Journal& journal);
  ~Client() override;
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // As Twin has them.
  void begin(std::int64_t cycle);
  void publish(Twin::FieldList observation);
  TwinOutcome answer(Twin::FieldList answer);
  [[nodiscard]] const TwinStamp& stamp() const { return stamp_; }
  [[nodiscard]] const TwinCounters& counters() const { return counters_; }
  [[nodiscard]] double period() const { return settings_.period; }
  [[nodiscard]] bool realtime() const { return settings_.realtime; }

  bool poll() override { return false; }
  [[nodiscard]] bool finished() override { return true; }
  void close() override { client_.close(); }
  void abandon() noexcept override;

 private:
  /// An observation that a fault holds back.
  struct HeldBack {
    std::int64_t cycle = -1;
    std::vector<std::byte> bytes;
  };
  /// What a rank knows of an answer: ranks agree on the least of theirs.
  enum class Known : int { nothing, too_late, on_time };

  [[nodiscard]] Moment tick(std::int64_t cycle) const;
  void send(std::int64_t cycle, Kind kind, std::span<const Field> fields);
  void send_dense(std::int64_t cycle, Kind kind, const std::vector<std::byte>& bytes);
  void hold_back(Twin::FieldList observation);
  void send_held_back();

  // client_answer.cpp
  [[nodiscard]] Moment due() const;
  [[nodiscard]] bool look();
  [[nodiscard]] Known wait(Moment until, Moment due);
  [[nodiscard]] Known agree(Known mine);
  [[nodiscard]] Mark mark_of(const steering::Incoming& incoming) const;
  void take(Twin::FieldList fields, Moment due);
  void miss(Twin::FieldList fields, Moment due);
  void record(const steering::Incoming& incoming, bool late, bool applied);

  const Context& context_;
  Settings settings_;
  std::vector<std::vector<std::byte>> defaults_;
  Features answer_;
  steering::Client client_;
  provenance::Journal journal_;
  std::vector<const std::byte*> columns_;
  std::vector<Field> staged_;
  /// Where each field lies in a dense observation; one of zeros.
  std::vector<std::size_t> offsets_;
  std::vector<std::byte> nothing_;
  std::deque<HeldBack> held_back_;
  TwinStamp stamp_;
  TwinCounters counters_;

  int rank_ = 0;
  int ranks_ = 1;
  /// The cycle that has begun, that was published, and that was asked for; -1: none yet.
  std::int64_t cycle_ = -1;
  std::int64_t published_ = -1;
  std::int64_t answered_ = -1;
  /// The first one, and when the clock began with it.
  std::int64_t first_ = -1;
  Moment origin_;
  Moment sent_;
  /// The answer to this cycle, where it lies in the ring.
  std::optional<steering::Incoming> here_;
  std::int64_t outage_ = 0;
  bool abandoned_ = false;
};

}  // namespace cardan::twin
