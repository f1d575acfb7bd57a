/// The gate: sample by sample, may the model's answer be used?
#pragma once

#include "couplers/closure/settings.hpp"

#include <cardan/model.hpp>

#include <cstdint>
#include <vector>

namespace cardan::closure {

/// Travels beside each answered sample.
enum class Verdict : std::int32_t { trusted, unsure, outside, not_a_number, out_of_range };

/// Trusts a sample where the model's own estimate of its error is small enough. How small that is,
/// is learned: the limit is chosen on samples that were not trained on, so that of those below it a
/// share `coverage` has an error within the tolerance.
class Gate {
 public:
  /// Throws where the tolerance has neither one value nor one for each number of the outputs.
  Gate(const TrustSettings& settings, const Features& outputs);
  /// Whether `judge` and `calibrate` read the answers' spread.
  [[nodiscard]] bool wants_spread() const;
  /// Judges answers; nothing is trusted whose disagreement is not below `limit`, nor where
  /// `inside` (one for each sample; null: all are) is 0.
  void judge(const Batch& outputs, const double* spread, const std::uint8_t* inside, double limit,
             Verdict* verdicts) const;

  struct Calibration {
    /// The largest limit that keeps the coverage; 0 (trust nothing) where there is none.
    double limit = 0;
    /// On the samples that it was chosen on: the share that is trusted, and the share of those
    /// whose error is within the tolerance.
    double trusted = 0;
    double coverage = 0;
  };
  [[nodiscard]] Calibration calibrate(const Batch& outputs, const double* spread,
                                      const Batch& targets) const;

 private:
  /// Root mean square over a sample's numbers of spread / tolerance.
  [[nodiscard]] double disagreement(const double* spread) const;
  [[nodiscard]] bool wrong(const Batch& outputs, const Batch& targets, std::int64_t sample) const;

  TrustSettings settings_;
  Features outputs_;
  std::int64_t numbers_;
  std::vector<double> inverse_;
};

}  // namespace cardan::closure
