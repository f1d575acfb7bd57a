/// Decisions of members in the decision log, and when it is flushed.
#pragma once

#include "couplers/ensemble/flush_turns.hpp"
#include "couplers/ensemble/member_log.hpp"
#include "provenance/steering_log.hpp"

#include <mpi.h>

#include <chrono>
#include <cstdint>
#include <functional>

namespace cardan::ensemble {

/// The columns that decisions of members have beside those of all that steer.
provenance::ColumnList journal_columns();

struct JournalOptions {
  /// Rounds between flushes at least, and members of the whole ensemble.
  std::int64_t flush = 100;
  int members = 1;
  /// Seconds that a flush waits for a rank.
  double patience = 600;
};

class JournalLog : public MemberLog {
 public:
  /// Collective over `comm`; `flush` is, too.
  JournalLog(MPI_Comm comm, const provenance::Journal& journal, const JournalOptions& options,
             std::function<void()> flush);

  void add(const Waiting& decision, Followed followed, std::int64_t segment) override;
  void round() override;
  void between() override;
  void leave() override { turns_.leave(); }
  void abandon() noexcept override { turns_.abandon(); }

 private:
  using Clock = std::chrono::steady_clock;
  void flushed();

  provenance::Journal journal_;
  /// Rounds after which all flush, and decisions of this rank after which it would like to.
  std::int64_t rounds_between_;
  std::int64_t rows_between_;
  std::function<void()> flush_;
  std::int64_t rounds_ = 0;
  std::int64_t rows_ = 0;
  std::int64_t superseded_ = 0;
  bool first_ = true;
  unsigned looks_ = 0;
  Clock::time_point last_ = Clock::now();
  FlushTurns turns_;
};

}  // namespace cardan::ensemble
