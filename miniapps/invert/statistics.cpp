#include "statistics.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace invert {

double mean_of(std::span<const double> values)
{
  if (values.empty()) return 0;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double deviation_of(std::span<const double> values)
{
  if (values.size() < 2) return 0;
  const double mean = mean_of(values);
  double sum = 0;
  for (const double value : values) sum += (value - mean) * (value - mean);
  return std::sqrt(sum / static_cast<double>(values.size() - 1));
}

namespace {

/// The probability that |t| is larger, by Simpson's rule over the density's angle: with t =
/// sqrt(freedom) tan(angle) it is cos(angle)^(freedom - 1), to within a constant.
double both_tails(double t, double freedom)
{
  const double from = std::atan(std::abs(t) / std::sqrt(freedom));
  const double right = std::acos(0.0);
  const double to = std::min(right, from + 40 / std::sqrt(freedom));  // nothing is left beyond
  constexpr int steps = 4000;
  const double width = (to - from) / steps;
  double sum = 0;
  for (int i = 0; i <= steps; ++i) {
    const double cosine = std::max(std::cos(from + i * width), 0.0);
    const int weight = i == 0 || i == steps ? 1 : 2 + 2 * (i % 2);
    sum += weight * std::pow(cosine, freedom - 1);
  }
  const double constant =
      std::exp(std::lgamma((freedom + 1) / 2) - std::lgamma(freedom / 2)) / std::sqrt(right * 2);
  return std::min(2 * constant * sum * width / 3, 1.0);
}

}  // namespace

double normal_score(double student, double freedom)
{
  const double tails = both_tails(student, freedom);
  double low = 0;
  double high = 40;
  for (int i = 0; i < 100; ++i) {
    const double middle = (low + high) / 2;
    (std::erfc(middle / std::sqrt(2.0)) > tails ? low : high) = middle;
  }
  return std::copysign(high, student);
}

namespace {

/// Of values less their mean; divided by the number of all of them.
double covariance(std::span<const double> centred, std::size_t lag)
{
  double sum = 0;
  for (std::size_t i = lag; i < centred.size(); ++i) sum += centred[i] * centred[i - lag];
  return sum / static_cast<double>(centred.size());
}

std::vector<double> centred(std::span<const double> values)
{
  const double mean = mean_of(values);
  std::vector<double> result(values.begin(), values.end());
  for (double& value : result) value -= mean;
  return result;
}

}  // namespace

std::vector<double> autocorrelation(std::span<const double> values, std::size_t lags)
{
  const auto around = centred(values);
  const double variance = covariance(around, 0);
  std::vector<double> result(lags + 1, 0.0);
  if (!(variance > 0)) return result;
  for (std::size_t lag = 0; lag <= lags && lag < values.size(); ++lag)
    result[lag] = covariance(around, lag) / variance;
  return result;
}

double effective_samples(std::span<const double> values)
{
  if (values.size() < 4) return 0;
  const auto around = centred(values);
  const double variance = covariance(around, 0);
  if (!(variance > 0)) return 0;
  // Sums of two neighbours, as long as they are positive, none above the one before it.
  double time = -1;
  double last = 2;
  for (std::size_t lag = 0; lag + 1 < values.size(); lag += 2) {
    const double pair = (covariance(around, lag) + covariance(around, lag + 1)) / variance;
    if (!(pair > 0)) break;
    last = std::min(last, pair);
    time += 2 * last;
  }
  const auto count = static_cast<double>(values.size());
  return std::min(count, count / std::max(time, 1.0 / count));
}

double effective_samples(const std::vector<std::vector<double>>& chains)
{
  if (chains.empty() || chains.front().size() < 4) return 0;
  std::vector<std::vector<double>> around;
  std::vector<double> means;
  around.reserve(chains.size());
  means.reserve(chains.size());
  for (const auto& chain : chains) {
    means.push_back(mean_of(chain));
    around.push_back(centred(chain));
  }
  const auto length = static_cast<double>(chains.front().size());
  const auto count = static_cast<double>(chains.size());
  const auto pooled = [&](std::size_t lag) {
    double sum = 0;
    for (const auto& chain : around) sum += covariance(chain, lag);
    return sum / count;
  };
  const double within = pooled(0) * length / (length - 1);
  const double between = deviation_of(means);
  const double variance = pooled(0) + between * between;
  if (!(within > 0)) return 0;
  const auto correlation = [&](std::size_t lag) {
    return 1 - (within - pooled(lag) * length / (length - 1)) / variance;
  };
  double time = -1;
  double last = 2;
  for (std::size_t lag = 0; lag + 1 < chains.front().size(); lag += 2) {
    const double pair = (lag == 0 ? 1.0 : correlation(lag)) + correlation(lag + 1);
    if (!(pair > 0)) break;
    last = std::min(last, pair);
    time += 2 * last;
  }
  const double all = length * count;
  return std::min(all, all / std::max(time, 1 / all));
}

}  // namespace invert
