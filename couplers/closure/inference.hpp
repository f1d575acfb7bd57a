/// Evaluation with trust: a model, its gate and the domain that it learned, brought up to date
/// together.
#pragma once

#include "couplers/closure/domain.hpp"
#include "couplers/closure/gate.hpp"
#include "couplers/closure/interior.hpp"
#include "couplers/closure/samples.hpp"
#include "couplers/closure/streams.hpp"

#include <memory>
#include <string>
#include <vector>

namespace cardan::closure {

/// What stands before a model's state when it is published: the gate's limit and the domain.
[[nodiscard]] std::size_t trust_numbers(const Domain& domain);

/// Throws where the gate wants a spread that the model does not have.
void check_spread(const SurrogateSettings& surrogate, const Model& model);

/// A model that says which of its answers can be used.
class Judge {
 public:
  Judge(const SurrogateSettings& settings, const Signature& signature,
        std::unique_ptr<Model> model);
  /// Takes the newest weights; false where there are none yet.
  bool take(channel::Lanes& weights);
  /// Deterministic runs: takes what was published up to the marker of a `predict`, and nothing
  /// newer; whether it has come (see mark.hpp). What has closed brings none.
  bool reach(channel::Lanes& weights, std::int64_t marker);
  /// Whether there is something to answer with.
  [[nodiscard]] bool ready() const { return !failed_ && (published_.version > 0 || loaded_); }
  /// Version, step and losses of the weights in use.
  [[nodiscard]] const channel::Header& published() const { return published_; }
  /// Answers and judges. Where the model fails, that is said once, and it is not ready any more.
  bool answer(const Batch& inputs, std::byte* const* outputs, Verdict* verdicts);

 private:
  void read(channel::InLane& weights);

  std::string name_;
  std::unique_ptr<Model> model_;
  Interior interior_;
  Gate gate_;
  Domain domain_;
  /// Of a model that came from a file and was never calibrated: its spread against the tolerance
  /// itself.
  double limit_ = 1;
  bool bounded_;
  bool loaded_;
  bool failed_ = false;
  channel::Header published_{};
  /// The newest marker.
  std::int64_t marker_ = 0;
  std::int64_t numbers_;
  std::vector<double> spread_;
  std::vector<std::uint8_t> inside_;
  /// Answers and spread without their halo.
  Columns judged_;
  std::vector<double> judged_spread_;
};

/// What an inference rank does.
class Answering {
 public:
  virtual ~Answering() = default;
  /// Answers what waits; says whether there was anything.
  virtual bool poll() = 0;
};

/// Batches: answers all simulation ranks that are waiting, in one batch, by the newest weights. In
/// a deterministic run each rank in a batch of its own, as the numbers may depend on who is beside
/// them, and by the weights of the marker that belongs to its call.
class Inference : public Answering {
 public:
  Inference(Streams& streams, const SurrogateSettings& settings, std::unique_ptr<Model> model);
  bool poll() override;

 private:
  bool poll_in_step();
  void answer_alone(std::size_t lane);
  void answer_together();
  void refuse(std::size_t lane);
  [[nodiscard]] channel::Header reply_to(std::size_t lane, bool answered) const;

  Streams& streams_;
  Judge judge_;
  bool in_step_;
  /// In step: the marker by which requests are answered.
  std::int64_t marker_ = 0;
  std::vector<std::size_t> waiting_;
  Columns inputs_;
  Columns outputs_;
  std::vector<Verdict> verdicts_;
  std::vector<const std::byte*> slot_inputs_;
  std::vector<std::byte*> slot_outputs_;
};

}  // namespace cardan::closure
