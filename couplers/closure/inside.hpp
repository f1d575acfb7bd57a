/// Evaluation in the simulation's own process.
#pragma once

#include "couplers/closure/inference.hpp"

#include <cardan/field.hpp>
#include <cardan/surrogate.hpp>

#include <span>
#include <vector>

namespace cardan::closure {

class Inside {
 public:
  /// Loads the model and, with it, what it computes with. Local; throws where the model cannot be
  /// made of these fields. The host's number of OpenMP threads stays what it was.
  Inside(const Context& context, const SurrogateSettings& settings, const Binding& fields);
  /// Takes what training published.
  bool take(channel::Lanes* weights);
  /// Deterministic runs, as Judge has it.
  bool reach(channel::Lanes& weights, std::int64_t marker) { return judge_.reach(weights, marker); }
  [[nodiscard]] bool ready() const { return judge_.ready(); }
  /// Answers for samples of the simulation's fields; false where there is no model to answer.
  bool answer(std::span<const NamedField> inputs, std::int64_t samples);
  [[nodiscard]] const channel::Header& published() const { return judge_.published(); }
  [[nodiscard]] const Batch& outputs() const { return answers_; }
  [[nodiscard]] const Verdict* verdicts() const { return verdicts_.data(); }

 private:
  Judge judge_;
  Columns inputs_;
  Columns outputs_;
  Batch answers_;
  std::vector<Verdict> verdicts_;
  std::vector<const std::byte*> columns_;
};

}  // namespace cardan::closure
