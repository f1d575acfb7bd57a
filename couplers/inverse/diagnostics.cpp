#include "couplers/inverse/diagnostics.hpp"

#include "couplers/inverse/autocovariance.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cardan::inverse {

Moments moments(const Series& series)
{
  Moments result;
  result.count = static_cast<double>(series.count);
  for (std::size_t i = 0; i < series.count; ++i) result.mean += series[i];
  if (series.count > 0) result.mean /= result.count;
  for (std::size_t i = 0; i < series.count; ++i)
    result.squares += (series[i] - result.mean) * (series[i] - result.mean);
  return result;
}

// Chan, Golub and LeVeque 1979.
Moments joined(const Moments& a, const Moments& b)
{
  Moments both;
  both.count = a.count + b.count;
  if (!(both.count > 0)) return both;
  const double distance = b.mean - a.mean;
  both.mean = a.mean + distance * b.count / both.count;
  both.squares = a.squares + b.squares + distance * distance * a.count * b.count / both.count;
  return both;
}

// Sums of neighbouring autocovariances are positive and fall for a reversible chain: what is not
// is noise.
double effective_samples(const Series& series)
{
  const std::size_t count = series.count;
  if (count < 4) return 0;
  const Moments all = moments(series);
  const double variance = all.squares / all.count;
  if (!(variance > 0)) return 0;
  std::vector<double> centred(count);
  for (std::size_t i = 0; i < count; ++i) centred[i] = series[i] - all.mean;
  const auto covariances = autocovariances(centred);
  double pairs = 0;
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t lag = 0; lag + 1 < count; lag += 2) {
    const double pair = covariances[lag] + covariances[lag + 1];
    if (pair <= 0) break;
    least = std::min(least, pair);
    pairs += least;
  }
  const double time = std::max(1.0, 2 * pairs / variance - 1);
  return all.count / time;
}

double scale_reduction(std::span<const Moments> parts)
{
  const auto count = static_cast<double>(parts.size());
  if (parts.size() < 2 || parts[0].count < 2) return std::numeric_limits<double>::quiet_NaN();
  double within = 0;
  Moments of_means;
  for (const auto& part : parts) {
    within += part.variance() / count;
    of_means = joined(of_means, {1, part.mean, 0});
  }
  const double length = parts[0].count;
  const double pooled = (length - 1) / length * within + of_means.variance();
  if (!(within > 0)) return pooled > 0 ? std::numeric_limits<double>::infinity() : 1;
  return std::sqrt(pooled / within);
}

ChainSummary summary(const Series& series)
{
  const std::size_t half = series.count / 2;
  ChainSummary result;
  result.first = moments({series.first, half, series.stride});
  result.second =
      moments({series.first + (series.count - half) * series.stride, half, series.stride});
  result.all = moments(series);
  result.effective = effective_samples(series);
  return result;
}

}  // namespace cardan::inverse
