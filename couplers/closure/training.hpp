/// Training ranks: learn from what the solver computed, and publish.
#pragma once

#include "couplers/closure/gate.hpp"
#include "couplers/closure/reservoir.hpp"
#include "couplers/closure/streams.hpp"

#include <memory>
#include <string>
#include <vector>

namespace cardan::closure {

/// What is published is the gate's limit (a float64) and the model's state behind it.
inline std::size_t state_bytes(const Learner& learner)
{
  return sizeof(double) + learner.state_bytes();
}

/// All training ranks work in rounds: each takes in what arrived, each adds a gradient of its own
/// samples (or none), and all take the same optimiser step. A round is collective over the training
/// ranks.
class Training {
 public:
  Training(const Context& context, Streams& streams, const SurrogateSettings& surrogate,
           const TrainingSettings& settings, std::unique_ptr<Learner> learner);
  /// One round; says whether anything was learned or taken in.
  bool poll();
  /// Whether all training ranks have seen the end of their streams.
  [[nodiscard]] bool finished() const { return finished_; }

 private:
  bool take_in();
  [[nodiscard]] bool wants_to_learn() const;
  bool learn();
  void normalise();
  void settle();
  void prepare_publication();
  void publish();
  void sum(std::vector<double>& values, MPI_Op operation) const;

  const Context& context_;
  Streams& streams_;
  std::string name_;
  Gate gate_;
  TrainingSettings settings_;
  std::unique_ptr<Learner> learner_;
  Reservoir buffer_;
  Reservoir held_out_;
  std::vector<double> row_inputs_;
  std::vector<double> row_targets_;
  std::vector<double> inputs_;
  std::vector<double> targets_;
  /// The gradient, weighted by its samples, and behind it: samples, loss sum, ranks that are at the
  /// end.
  std::vector<float> gradient_;
  std::vector<double> state_;
  channel::Header header_{};
  std::vector<bool> owed_;
  std::int64_t arrived_ = 0;
  std::int64_t newest_step_ = 0;
  std::int64_t steps_ = 0;
  double loss_ = 0;
  bool normalised_ = false;
  bool diverged_ = false;
  bool finished_ = false;
};

}  // namespace cardan::closure
