/// A bridge rectifier in ngspice: how a design of it responds.
#pragma once

#include <array>
#include <string>

/// Amplitude of the source in V, its resistance in ohm, the capacitor in uF, the load in ohm.
using Design = std::array<double, 4>;
/// Mean and ripple (peak to peak) of the voltage at the load, in V.
using Response = std::array<double, 2>;

/// ngspice is one to a process, and so is this.
class Rectifier {
 public:
  explicit Rectifier(const std::string& netlist);
  Rectifier(const Rectifier&) = delete;
  Rectifier& operator=(const Rectifier&) = delete;

  /// Ten periods from a dead start, of which the last two are looked at. Throws where ngspice gives
  /// up.
  Response run(const Design& design);

 private:
  void command(const std::string& text);

  /// What ngspice said of the last command on its standard error.
  std::string said_;
};
