/// What a pipeline counts and keeps of its run: the report, and the file that it leaves.
#pragma once

#include "couplers/pipeline/settings.hpp"

#include <cardan/pipeline.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace cardan::pipeline {

/// What became of a candidate in a stage.
enum class Verdict { promoted, warm_up, held_back, failed, finished, reconsidered, left_over };

/// Times are seconds since the begin of the run.
class Ledger {
 public:
  Ledger(const Settings& settings, int ranks);

  struct Step {
    std::int64_t candidate = 0;
    int stage = 0;
    double score = 0;
    double threshold = 0;
    Verdict verdict = Verdict::promoted;
    int rank = -1;
    std::uint32_t version = 0;
  };
  void decided(const Step& step, double now);
  void finished(std::int64_t candidate, double score, std::span<const double> values, double now);
  /// A rank has worked; before that it was idle, in the stage `was`.
  struct Shift {
    int rank = 0;
    int stage = 0;
    int was = 0;
    std::int64_t candidates = 0;
    double seconds = 0;
    double idle = 0;
  };
  void worked(const Shift& shift, double now);
  /// A rank works for a stage from now on; `from` -1: it had none.
  void assigned(int rank, int from, int to, double now);
  void queue(int stage, std::int64_t length, double now);
  void used_up(double now);
  void learned(std::uint32_t version, std::int64_t labels, double loss, bool drift, double now);
  void drifted() { ++report.drifts; }
  void label(double error);
  /// No work comes any more. `stages[rank]`: where it was last.
  void close(std::span<const int> stages, double now);

  [[nodiscard]] double cost(int stage) const;
  [[nodiscard]] double busy() const { return busy_; }
  PipelineReport report;

  /// Writes `pipeline-NAME.h5` into a folder, which is made where it is missing. Not collective; a
  /// file that cannot be written is said, and no error.
  void leave_behind(const std::string& folder) const;

 private:
  [[nodiscard]] double busy_fraction(double end) const;
  std::string name_;
  int ranks_;
  double busy_ = 0;
  /// By stage: candidates that work was done for, its integral of the queue's length over time, and
  /// length and time of the last change.
  struct Line {
    std::int64_t done = 0;
    double area = 0;
    std::int64_t length = 0;
    double since = 0;
    int ranks = 0;
  };
  std::vector<Line> lines_;
  /// By rank: when a result of it was last heard of; the end of its work by its own account, which
  /// adds up what it has worked and waited; what has to be added to that for the time of the run,
  /// which is that of the result that was heard of soonest.
  struct Account {
    double heard = 0;
    double end = 0;
    double lag = 0;
    bool begun = false;
  };
  std::vector<Account> accounts_;
  /// A piece of work: its end by the rank's account.
  struct Done {
    int rank = 0;
    bool last = false;
    double end = 0;
    double seconds = 0;
  };
  std::vector<Done> shifts_;
  double used_up_ = -1;
  std::vector<double> errors_;
  double error_sum_ = 0;
  std::int64_t error_count_ = 0;

  /// The log, by row; those beyond a number that bounds its memory are counted.
  struct Rows {
    std::vector<std::int64_t> candidate, stage, verdict, rank, version;
    std::vector<double> score, threshold, time;
  } ways_;
  std::int64_t left_out_ = 0;
  struct {
    std::vector<double> time;
    std::vector<std::int64_t> length;
  } queues_;
  struct {
    std::vector<double> time;
    std::vector<std::int64_t> rank, stage;
  } splits_;
  struct {
    std::vector<double> time, loss;
    std::vector<std::int64_t> version, labels, drift;
  } models_;
};

/// A report as numbers, and back; `names` of its stages are not among them.
std::vector<double> pack(const PipelineReport& report);
PipelineReport unpack(std::span<const double> numbers, const std::vector<std::string>& names);
/// Of several ranks that worked alone: sums, in the order of times.
PipelineReport join(const std::vector<PipelineReport>& parts);

}  // namespace cardan::pipeline
