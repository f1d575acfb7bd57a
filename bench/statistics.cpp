#include "statistics.hpp"

#include <algorithm>
#include <cstddef>

namespace bench {

namespace {

double quantile(const std::vector<double>& sorted, double part)
{
  const double place = part * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  const double rest = place - static_cast<double>(below);
  return sorted[below] + rest * (sorted[above] - sorted[below]);
}

}  // namespace

Summary summarise(std::vector<double> values)
{
  std::sort(values.begin(), values.end());
  return {quantile(values, 0.5), quantile(values, 0.75) - quantile(values, 0.25)};
}

std::vector<double> ratios(const std::vector<double>& a, const std::vector<double>& b)
{
  std::vector<double> result(a.size());
  std::transform(a.begin(), a.end(), b.begin(), result.begin(),
                 [](double above, double below) { return above / below; });
  return result;
}

}  // namespace bench
