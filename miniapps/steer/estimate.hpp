/// Measured numbers with their statistical errors.
#pragma once

#include <cmath>
#include <vector>

namespace steer {

/// A mean with its standard error.
struct Estimate {
  double mean = 0;
  double error = 0;
};

/// From values that are independent of each other: averages over long blocks of a trajectory, say.
/// At least two.
inline Estimate estimate(const std::vector<double>& values)
{
  const auto n = static_cast<double>(values.size());
  double mean = 0;
  for (const double each : values) mean += each / n;
  double square = 0;
  for (const double each : values) square += (each - mean) * (each - mean);
  return {mean, std::sqrt(square / (n - 1) / n)};
}

}  // namespace steer
