/// Is the physics right? Values of the miniapp's systems, beside what is known of them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace steer {

/// One value.
struct CheckRow {
  std::string name;
  double value = 0;
  double reference = 0;
  /// Standard error of the value; 0 where nothing was drawn.
  double error = 0;
  /// What the value may be off by without counting the statistics: digits of the reference, time
  /// step.
  double tolerance = 0;

  /// Within the tolerance and four standard errors. False of what is not finite.
  [[nodiscard]] bool within() const;
};

enum class Extent {
  /// Some 20 s of a core: what a test has time for.
  quick,
  /// Minutes: low temperatures, time steps, LJ38 as well.
  full,
};

struct CheckSettings {
  Extent extent = Extent::quick;
  std::uint64_t seed = 1;
  /// What moves LJ7: "built-in" or "lammps".
  std::string engine = "built-in";
};

/// Hands each row to `report` as soon as it is there. Returns whether all were within.
bool check_dynamics(const CheckSettings& settings,
                    const std::function<void(const CheckRow&)>& report);

}  // namespace steer
