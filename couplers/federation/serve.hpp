/// The ML side of a federation: the first ML rank averages, the others do nothing.
#pragma once

#include "couplers/federation/aggregate.hpp"
#include "couplers/federation/ends.hpp"
#include "session/context.hpp"

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cardan::federation {

/// What an aggregator has seen.
struct Counters {
  /// Versions that were made; updates in them, left out because they came too late, and refused
  /// because they were no numbers or no updates.
  std::int64_t versions = 0;
  std::int64_t taken = 0;
  std::int64_t late = 0;
  std::int64_t refused = 0;
  /// Bytes that came and went, headers included.
  std::int64_t bytes_in = 0;
  std::int64_t bytes_out = 0;
};

class Aggregator : public Duty {
 public:
  /// Collective over the session and blocking: the other half of Client.
  Aggregator(const Context& context, const Settings& settings);

  bool poll() override;
  [[nodiscard]] bool finished() override;
  void close() override { ends_.close(); }
  void abandon() noexcept override { ends_.abandon(); }
  [[nodiscard]] const Counters& counters() const { return counters_; }
  [[nodiscard]] const std::vector<double>& global() const { return global_; }

 private:
  /// Weights that a silo was given, and may send a change of.
  struct Given {
    std::uint32_t version = 0;
    std::shared_ptr<const std::vector<double>> weights;
  };
  struct Silo {
    bool here = true;
    /// Once it has come; empty where it was none.
    std::optional<std::vector<double>> tally;
    /// Of the open round.
    std::optional<Update> update;
    bool arrived = false;
    /// What it is owed: the joined sums, the newest model.
    bool owed_tally = false;
    bool owed_model = false;
    /// Of its last update that was looked at.
    std::int64_t number = 0;
    std::int64_t staleness = 0;
    bool taken = false;
    std::deque<Given> given;
  };
  bool hear(std::size_t silo);
  void take(std::size_t silo, const UpHeader& header, const std::byte* record);
  void take_tally(std::size_t silo, const std::byte* record);
  void join();
  void take_update(std::size_t silo, const UpHeader& header, const std::byte* record);
  void take_at_once(std::size_t silo, const UpHeader& header, const Update& update);
  void refuse(std::size_t silo, const std::string& why);
  bool open_when_ready();
  bool close_when_ready();
  void close_round();
  [[nodiscard]] bool waits_for(std::size_t silo) const;
  bool pay();
  void put(std::size_t silo);
  void end();

  const Context& context_;
  Settings settings_;
  Ends ends_;
  Codec codec_;
  RecordSizes sizes_;
  std::vector<Silo> silos_;
  Counters counters_;
  std::vector<double> global_;
  std::vector<double> joined_;
  std::vector<std::uint64_t> words_;
  std::uint32_t version_ = 0;
  /// Of the round before.
  int participants_ = 0;
  int late_ = 0;
  bool has_model_ = false;
  bool open_ = false;
  /// Until when the round, or the beginning, waits for those that have not come.
  std::optional<mpi::Deadline> deadline_;
  bool refused_said_ = false;
  bool ended_ = false;
};

/// Collective over the session: the other half of Session::federation.
std::unique_ptr<Duty> serve(const Context& context, const std::string& name);

}  // namespace cardan::federation
