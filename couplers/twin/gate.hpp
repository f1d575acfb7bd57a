/// Whether a twin's model is trusted: its errors against those without it, over the last cycles.
#pragma once

#include "couplers/twin/settings.hpp"

#include <deque>
#include <utility>

namespace cardan::twin {

class Gate {
 public:
  explicit Gate(const GateSettings& settings) : settings_(settings) {}
  /// Squared errors of a cycle; what is not a number counts against the model.
  void judge(double with_model, double without);
  /// With a window of 0 it is open; otherwise it needs that many cycles, whose mean error with the
  /// model is less by the margin.
  [[nodiscard]] bool open() const;

 private:
  GateSettings settings_;
  std::deque<std::pair<double, double>> errors_;
};

}  // namespace cardan::twin
