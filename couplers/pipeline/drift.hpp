/// Whether labels still are what the model was trained for.
#pragma once

#include "couplers/pipeline/settings.hpp"

#include <cstdint>

namespace cardan::pipeline {

/// The test of Page ("Continuous inspection schemes", Biometrika 41, 1954) and Hinkley on
/// residuals, to both sides. The first `reference` residuals of a version say what is usual; each
/// later one counts in units of their deviation from their mean. It drifts where their sum, less
/// `slack` for each, has risen (or fallen) by more than `threshold` since it was lowest (highest).
class Drift {
 public:
  explicit Drift(const DriftSettings& settings) : settings_(settings) {}

  /// Takes the residual of a label, label less score; says whether that is a drift. Begins anew
  /// then.
  bool add(double residual);
  /// A new version: what is usual has to be seen again.
  void restart() { *this = Drift{settings_}; }

 private:
  DriftSettings settings_;
  std::int64_t count_ = 0;
  double mean_ = 0;
  /// Sum of squares around the mean.
  double squares_ = 0;
  double up_ = 0;
  double down_ = 0;
};

}  // namespace cardan::pipeline
