/// The gate: sample by sample, may the model's answer be used?
#pragma once

#include "couplers/closure/settings.hpp"

#include <cardan/model.hpp>

#include <cstdint>
#include <vector>

namespace cardan::closure {

/// Travels beside each answered sample.
enum class Verdict : std::int32_t { trusted, unsure, outside, not_a_number, out_of_range };

class Gate {
 public:
  /// Throws where the tolerance has neither one value nor one for each output.
  Gate(const TrustSettings& settings, std::int64_t outputs);
  /// Judges `count` answers.
  void judge(const Answers& answers, std::int64_t count, Verdict* verdicts) const;

 private:
  [[nodiscard]] Verdict judge_sample(const double* outputs, const double* spread, bool inside) const;

  TrustSettings settings_;
  std::int64_t outputs_;
};

}  // namespace cardan::closure
