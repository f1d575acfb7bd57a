/// `run.json`: what a run was, and how it ended.
#pragma once

#include <cardan/session.hpp>

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace cardan::provenance {

/// What a session knows of its run when it begins.
struct Run {
  std::string run_file;
  std::string text;
  std::int64_t seed = 0;
  bool deterministic = false;
  std::vector<RankPlace> ranks;
  std::string transport;
  /// The decision log that is replayed; or empty.
  std::string replay;
  /// The checkpoint that the run goes on from; or empty. What the run before it left is kept, under
  /// another name.
  std::string restart;
};

/// Written by one rank: when it is made, and at `finish`. What cannot be written is said once, on
/// standard error, and is no error.
class RunRecord {
 public:
  RunRecord(const std::string& folder, const Run& run);
  /// Goes on with the record of another rank: what its `text` said.
  RunRecord(const std::string& folder, const std::string& text);
  ~RunRecord();
  RunRecord(const RunRecord&) = delete;
  RunRecord& operator=(const RunRecord&) = delete;

  /// All that is recorded so far.
  [[nodiscard]] std::string text() const;
  /// Ranks were split anew after `step` steps.
  void split(std::int64_t step, const std::vector<RankPlace>& ranks);
  void ml_library(const std::string& library);
  void checkpoint(const std::string& file);
  /// Another file that the run leaves behind.
  void output(const std::string& file);
  /// "completed", "failed: MESSAGE" or "stopped: REASON"; the first one stays.
  void outcome(const std::string& outcome);
  /// Writes run.json again, with the time of the end, and the crate beside it.
  void finish();

 private:
  void write(const std::string& name, const std::string& text);

  std::string folder_;
  std::unique_ptr<nlohmann::ordered_json> json_;
  bool silent_ = false;
  bool finished_ = false;
};

/// From a rank that does not have the record, before it ends the job: notes the failure in the
/// folder's run.json, where it is `running`.
void record_failure(const std::string& folder, const std::string& message) noexcept;

}  // namespace cardan::provenance
