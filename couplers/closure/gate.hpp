/// The gate: sample by sample, may the model's answer be used?
#pragma once

#include "couplers/closure/settings.hpp"

#include <cardan/model.hpp>

#include <cstdint>
#include <vector>

namespace cardan::closure {

/// Travels beside each answered sample.
enum class Verdict : std::int32_t { trusted, unsure, outside, not_a_number, out_of_range };

/// Trusts a sample where the ensemble's members agree well enough. How well that is, is learned:
/// the limit is chosen on samples that were not trained on, so that of those below it a share
/// `coverage` has an error within the tolerance.
class Gate {
 public:
  /// Throws where the tolerance has neither one value nor one for each output.
  Gate(const TrustSettings& settings, std::int64_t outputs);
  /// Judges `count` answers; nothing is trusted whose disagreement is above `limit`.
  void judge(const Answers& answers, std::int64_t count, double limit, Verdict* verdicts) const;
  /// The largest limit that keeps `coverage` on these samples; 0 (trust nothing) where there is
  /// none.
  [[nodiscard]] double calibrate(const Answers& answers, Rows targets) const;

 private:
  /// The members' disagreement: root mean square over outputs of spread / tolerance.
  [[nodiscard]] double disagreement(const double* spread) const;
  [[nodiscard]] Verdict judge_sample(const double* outputs, double disagreement, bool inside,
                                     double limit) const;

  TrustSettings settings_;
  std::int64_t outputs_;
};

}  // namespace cardan::closure
