/// What the decision log keeps of decisions that steer: every one that a simulation rank took, or
/// refused as late.
#pragma once

#include "provenance/decision_log.hpp"

#include <cardan/model.hpp>
#include <cardan/steering.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace cardan::provenance {

/// A decision, and what came of it.
struct SteeringRecord {
  std::int64_t loop = 0;
  /// The step in which it was looked at.
  std::int64_t step = 0;
  DecisionStamp stamp;
  bool late = false;
  bool applied = false;
  /// Decisions to this rank that newer ones replaced, so far.
  std::int64_t superseded = 0;
};

/// In `decisions.h5` the group `KIND/NAME`: `decisions/COLUMN`, `reasons` (text of 64 bytes, ended
/// by zeros) and, with answers, `fields/FIELD`, row by row. A line of JSON has the reason as text.
class SteeringLog : public DecisionKind {
 public:
  /// `kind`: "steering" or another coupler's table of the run file. `extra`: columns that the
  /// coupler gives besides; `answers`: the decision's fields, where they are to be kept;
  /// `expected`: decisions between two flushes.
  SteeringLog(const std::string& kind, const std::string& name, int rank, const ColumnList& extra,
              const Features& answers, std::size_t expected);

  /// `extra` as many as there are columns; `columns`: for each field of a decision its numbers,
  /// dense, unused where answers are not kept. Allocates only where there are more rows than were
  /// expected.
  void record(const SteeringRecord& record, std::span<const Word> extra,
              const std::byte* const* columns);

  [[nodiscard]] std::int64_t pending() const override;
  void write(DecisionFile& file, MPI_Comm comm) override;
  void lines(std::string& text) const override;
  void clear() override;

 private:
  struct Answer {
    Feature feature;
    std::vector<std::byte> rows;
  };
  std::string kind_;
  std::string name_;
  int rank_;
  Table rows_;
  std::vector<char> reasons_;
  std::vector<Answer> answers_;
};

/// Where a coupler records its decisions: a log that may be none, or may have ended.
class Journal {
 public:
  Journal() = default;
  Journal(const DecisionLog& log, SteeringLog& records) : log_(&log), records_(&records) {}
  /// Whether anything is to be recorded.
  [[nodiscard]] bool open() const { return log_ != nullptr && log_->works(); }
  void record(const SteeringRecord& what, std::span<const Word> extra,
              const std::byte* const* columns)
  {
    if (open()) records_->record(what, extra, columns);
  }

 private:
  const DecisionLog* log_ = nullptr;
  SteeringLog* records_ = nullptr;
};

}  // namespace cardan::provenance
