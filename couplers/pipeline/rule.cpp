#include "couplers/pipeline/rule.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace cardan::pipeline {

double spreads_at(const PromoteSettings& settings, double fill)
{
  const double share = std::clamp(fill, 0.0, 1.0);
  return share < 0.5 ? settings.least + 2 * share * (settings.spread - settings.least)
                     : settings.spread + (2 * share - 1) * (settings.most - settings.spread);
}

double chance_of(std::uint64_t seed, std::int64_t candidate, int stage)
{
  // SplitMix64 (Steele, Lea and Flood, 2014), a step for each number.
  std::uint64_t x = seed;
  for (const auto each :
       {static_cast<std::uint64_t>(candidate), static_cast<std::uint64_t>(stage)}) {
    x += each + 0x9E3779B97F4A7C15U;
    x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9U;
    x = (x ^ (x >> 27U)) * 0x94D049BB133111EBU;
    x ^= x >> 31U;
  }
  return static_cast<double>(x >> 11U) * 0x1.0p-53;
}

void Threshold::add(double score)
{
  const auto most = static_cast<std::size_t>(settings_.recent);
  if (recent_.size() < most)
    recent_.push_back(score);
  else
    recent_[next_ % most] = score;
  ++next_;
}

double Threshold::mean() const
{
  return std::accumulate(recent_.begin(), recent_.end(), 0.0) / static_cast<double>(recent_.size());
}

double Threshold::spread() const
{
  const double centre = mean();
  double sum = 0;
  for (const double score : recent_) sum += (score - centre) * (score - centre);
  return std::sqrt(sum / static_cast<double>(recent_.size()));
}

double Threshold::at(double fill) const
{
  constexpr std::size_t enough = 8;
  if (recent_.size() < std::min(enough, static_cast<std::size_t>(settings_.recent)))
    return -std::numeric_limits<double>::infinity();
  return mean() + spreads_at(settings_, fill) * spread();
}

}  // namespace cardan::pipeline
