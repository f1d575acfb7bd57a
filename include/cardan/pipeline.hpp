/// Pipelines: many candidates, stages that cost more and say more one after the other, and a
/// learned score that decides which candidates go on.
#pragma once

#include <cardan/field.hpp>
#include <cardan/model.hpp>
#include <cardan/opened.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace cardan {

namespace pipeline {
class Client;
}

/// What simulation ranks know of a candidate: numbers for the model, and numbers of each stage.
struct PipelineShape {
  /// What the model sees of one candidate.
  Features features;
  /// The most numbers that a stage gives besides its score, and hands on to the stages behind it.
  std::int64_t values = 0;
};

/// A candidate in a stage.
struct PipelineTask {
  /// From 0, below the run file's `candidates`.
  std::int64_t candidate = 0;
  /// Of the run file's `stages`, from 0.
  int stage = 0;
  /// Scores of the stages that it has passed: of the model first, where there is one, and what the
  /// last stage gave besides. Valid during the call.
  std::span<const double> scores;
  std::span<const double> values;
};

/// A library of candidates as the coupler sees it. Each function is called on the rank that has the
/// work, and gives the same for the same candidate on every rank.
struct PipelineWork {
  /// Writes the model's features of a candidate, one address for each, row-major and dense.
  std::function<void(std::int64_t candidate, std::byte* const* features)> describe;
  /// Runs a stage; returns the score, of which more is better; writes at most PipelineShape::values
  /// numbers and returns how many through `count`. A score that is not finite ends the candidate,
  /// and is counted.
  std::function<double(const PipelineTask& task, std::span<double> values, std::int64_t& count)>
      run;
  /// Optional: this rank has moved to a stage (-1: describing); what it needs for it is made here.
  std::function<void(int stage)> moved;
};

/// What became of one stage; the same on all ranks after the run.
struct PipelineStage {
  std::string name;
  /// Candidates that came, were promoted, were held back, failed.
  std::int64_t entered = 0;
  std::int64_t promoted = 0;
  std::int64_t rejected = 0;
  std::int64_t failed = 0;
  /// Rank-seconds of work, of waiting while assigned to it, and work per candidate.
  double busy = 0;
  double idle = 0;
  double cost = 0;
  /// Ranks that moved to it; the fewest and the most that it had.
  std::int64_t moves = 0;
  int fewest = 0;
  int most = 0;
  /// Of its queue in front: the longest, and the mean over time.
  std::int64_t longest = 0;
  double mean_queue = 0;
};

/// A whole run, the same on all simulation ranks.
struct PipelineReport {
  std::vector<PipelineStage> stages;
  /// Candidates that have been through the last stage, in the order in which they came out, and
  /// what it gave: score, then values, `1 + values` numbers each.
  std::vector<std::int64_t> finished;
  std::vector<double> results;
  /// Seconds on the first ML rank's clock when each came out, from the begin of the run; and
  /// rank-seconds of all stages' work done by then.
  std::vector<double> times;
  std::vector<double> costs;
  /// Of the steady state: from the first candidate in the last stage until the library is used up.
  double busy_fraction = 0;
  double wall = 0;
  /// The model's publications, and those that a drift of its labels led to.
  std::int64_t versions = 0;
  std::int64_t drifts = 0;
  /// Mean absolute error of its scores against the stage that labels them: over the first and the
  /// last 100 labels.
  double first_error = 0;
  double last_error = 0;
};

/// A pipeline as a simulation rank sees it; a handle, copied freely, valid as long as its session.
/// Opening (Session::pipeline) is collective over the session.
class Pipeline {
 public:
  /// Works until the library is used up or the budget is spent; the ML rank tells each rank what to
  /// do, and moves it between stages. No barrier between stages. Collective over the simulation
  /// ranks in its begin and its end; blocking. What `work` throws ends the run on all ranks.
  /// Without ML ranks candidates go through all stages on this rank, dealt in turn, without a score
  /// of the model.
  const PipelineReport& run(const PipelineWork& work);
  [[nodiscard]] const PipelineReport& report() const;
  /// Names of the stages, as the run file has them.
  [[nodiscard]] const std::vector<std::string>& stages() const;
  [[nodiscard]] std::int64_t candidates() const;

  explicit Pipeline(pipeline::Client& client, Life life = {}) : client_(&client, std::move(life)) {}

 private:
  Opened<pipeline::Client> client_;
};

}  // namespace cardan
