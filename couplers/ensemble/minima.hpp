/// The minima that a swarm has found.
#pragma once

#include "couplers/ensemble/settings.hpp"
#include "support/splitmix.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace cardan::ensemble {

struct Minimum {
  double objective = 0;
  std::vector<double> descriptor;
  /// Of all parts of the member that found it.
  std::vector<double> state;
  int member = 0;
  std::int64_t segment = 0;
  /// How often it was found, and how often members were sent there.
  std::int64_t found = 1;
  std::int64_t visits = 0;
};

/// Sorted by objective, the lowest first; where there are too many, the highest goes.
class Minima {
 public:
  explicit Minima(const SwarmSettings& settings) : settings_(settings) {}

  /// Whether it is a new one: no other's objective is within the tolerance, or only those whose
  /// descriptor is farther than the run file's distance.
  bool add(double objective, std::span<const double> descriptor, std::span<const double> state,
           int member, std::int64_t segment);
  /// With a probability of exp(-(objective - lowest) / temperature) / (1 + visits), and counts the
  /// visit. There must be one.
  const Minimum& choose(Random& random);
  [[nodiscard]] const std::vector<Minimum>& all() const { return minima_; }
  [[nodiscard]] bool empty() const { return minima_.empty(); }

 private:
  SwarmSettings settings_;
  std::vector<Minimum> minima_;
};

}  // namespace cardan::ensemble
