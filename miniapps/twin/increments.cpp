#include "increments.hpp"

#include <algorithm>

namespace twin {

void Increments::begin(std::span<const double> analysis, std::span<const double> added)
{
  std::ranges::copy(analysis, before_.begin());
  std::ranges::fill(added_, 0.0);
  std::ranges::copy(added, added_.begin());
  begun_ = true;
}

IncrementPair Increments::end(std::span<const double> forecast, std::span<const double> analysis,
                              double interval)
{
  if (!begun_) return {};
  begun_ = false;
  IncrementPair pair{before_, added_};
  for (std::size_t i = 0; i < pair.rate.size(); ++i) {
    pair.rate[i] += (analysis[i] - forecast[i]) / interval;
  }
  return pair;
}

}  // namespace twin
