/// Candidates on their way: queues between stages, verdicts, and when the run is over.
#pragma once

#include "couplers/pipeline/ledger.hpp"
#include "couplers/pipeline/rule.hpp"
#include "couplers/pipeline/settings.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <span>
#include <unordered_map>
#include <vector>

namespace cardan::pipeline {

/// What is known of a candidate while it is on its way, or held back.
struct Way {
  /// Of the stages that it has passed.
  std::vector<double> scores;
  std::vector<double> values;
  /// What the model sees of it, one feature after the other; empty where nobody needs it any more.
  std::vector<std::byte> features;
  /// Of the model that scored it; 0: none did.
  std::uint32_t version = 0;
};

/// Neither knows ranks nor MPI. Every candidate is in one place at a time: in the library, in a
/// queue, under way, held back, finished or failed. Times are seconds since the begin of the run.
class Flow {
 public:
  /// Which part of the library, and of the budget: candidates `first`, `first` + `stride`, ...
  struct Portion {
    std::int64_t first = 0;
    std::int64_t stride = 1;
  };
  Flow(const Settings& settings, Portion portion, Ledger& ledger);

  /// Candidates of a stage that could be taken now: they wait, there is room behind, and the budget
  /// allows it.
  [[nodiscard]] std::int64_t doable(int stage) const;
  [[nodiscard]] std::int64_t waiting(int stage) const;
  /// By which share the queue before a stage, and the one behind it, are filled.
  [[nodiscard]] double before(int stage) const;
  [[nodiscard]] double behind(int stage) const;
  /// Candidates that came to a stage, those that wait in front of it among them, of one that came
  /// at all.
  [[nodiscard]] double visits(int stage) const;
  /// Takes so many at most: the rank that gets them is under way until it gives their results. Of
  /// the model's stage: to be described.
  std::vector<std::int64_t> take(int stage, std::int64_t most, double now);
  [[nodiscard]] const Way& way(std::int64_t candidate) const { return ways_.at(candidate); }

  /// A candidate is described: it waits for its score.
  void described(std::int64_t candidate, std::vector<std::byte> features, double now);
  /// Those that wait for one, the oldest first; as many as the next queue has room for.
  [[nodiscard]] std::int64_t to_score() const;
  [[nodiscard]] std::int64_t to_score(std::size_t index) const { return described_[index]; }
  /// Gives the oldest a score, or lets it pass without (version 0).
  void score(double score, std::uint32_t version, double now);
  /// What a stage gave. A score that is not finite is a failure.
  void result(int stage, std::int64_t candidate, double score, std::span<const double> values,
              int rank, double now);
  /// Called with a candidate when the stage that labels has scored it, features still there.
  std::function<void(const Way& way, double label)> label;

  /// Nothing is to be done any more, and nothing under way.
  [[nodiscard]] bool over() const;
  /// No more comes: what waits is held back, so that every candidate is counted once.
  void close(double now);

 private:
  using Ranking = std::multimap<double, std::int64_t, std::greater<>>;
  /// A stage: what waits in front of it, and what it has held back.
  struct Station {
    Ranking queue;
    Ranking held;
    std::int64_t under_way = 0;
    Threshold threshold;
    /// Those held back that may still go on; -1: not known yet.
    std::int64_t again = -1;
  };
  [[nodiscard]] Station& at(int stage) { return stations_[static_cast<std::size_t>(stage)]; }
  [[nodiscard]] const Station& at(int stage) const
  {
    return stations_[static_cast<std::size_t>(stage)];
  }
  [[nodiscard]] const StageSettings& of(int stage) const
  {
    return settings_.stage[static_cast<std::size_t>(stage)];
  }
  PipelineStage& count(int stage) { return ledger_.report.stages[static_cast<std::size_t>(stage)]; }
  [[nodiscard]] std::int64_t room(int stage) const;
  [[nodiscard]] bool spent() const;
  [[nodiscard]] bool done(int stage) const;
  [[nodiscard]] double haste() const;
  void judge(int stage, std::int64_t candidate, double score, int rank, double now);
  void promote(int stage, std::int64_t candidate, double score, double now);
  void refill(double now);
  void tell_queue(int stage, double now);

  Settings settings_;
  Ledger& ledger_;
  std::vector<std::int64_t> library_;
  std::size_t next_ = 0;
  std::vector<Station> stations_;
  /// Described, and not scored.
  std::deque<std::int64_t> described_;
  std::unordered_map<std::int64_t, Way> ways_;
  std::int64_t sequence_ = 0;
};

}  // namespace cardan::pipeline
