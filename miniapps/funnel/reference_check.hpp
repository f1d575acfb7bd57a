/// Is the physics right? Effective conductivities beside those that are known.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace funnel {

/// One value; right where it is from `least` to `most`.
struct CheckRow {
  std::string name;
  double least = 0;
  double value = 0;
  double most = 0;

  /// False of what is not finite.
  [[nodiscard]] bool within() const { return least <= value && value <= most; }
};

/// Hands each row to `report` as soon as it is there; returns whether all were within. `images`
/// microstructures of the seed are looked at.
bool check_references(std::uint64_t seed, int images,
                      const std::function<void(const CheckRow&)>& report);

}  // namespace funnel
