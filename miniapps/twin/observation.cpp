#include "observation.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace twin {

void Observation::check(std::size_t states) const
{
  if (values.size() != size() || deviations.size() != size()) {
    throw std::invalid_argument("an observation has " + std::to_string(size()) + " sites, " +
                                std::to_string(values.size()) + " values and " +
                                std::to_string(deviations.size()) +
                                " deviations; there must be as many of each");
  }
  std::vector<bool> seen(states);
  for (const int site : sites) {
    if (site < 0 || static_cast<std::size_t>(site) >= states) {
      throw std::invalid_argument("observed site " + std::to_string(site) +
                                  " (states have the sites 0 to " + std::to_string(states - 1) +
                                  ")");
    }
    if (seen[static_cast<std::size_t>(site)]) {
      throw std::invalid_argument("site " + std::to_string(site) +
                                  " is observed twice in one observation");
    }
    seen[static_cast<std::size_t>(site)] = true;
  }
  if (!std::ranges::all_of(values, [](double each) { return std::isfinite(each); })) {
    throw std::invalid_argument("an observed value is not finite; leave its site out");
  }
  const auto good = [](double each) { return each > 0 && std::isfinite(each); };
  if (!std::ranges::all_of(deviations, good)) {
    throw std::invalid_argument("the deviations of an observation must be positive and finite");
  }
}

Observation observe(std::span<const double> truth, std::span<const int> sites, double deviation,
                    std::uint64_t seed, std::int64_t cycle, ErrorLaw law)
{
  Observation result;
  for (const int site : sites) {
    Random random(seed, Purpose::observations, cycle, site);
    double error = 0;
    if (law == ErrorLaw::gaussian) {
      error = random.gaussian();
    } else {
      const double sign = random.uniform() < 0.5 ? -1 : 1;
      error = sign * -std::log(1 - random.uniform()) / std::sqrt(2.0);
    }
    result.sites.push_back(site);
    result.values.push_back(truth[static_cast<std::size_t>(site)] + deviation * error);
    result.deviations.push_back(deviation);
  }
  return result;
}

std::vector<int> every_site(std::size_t size, int every, int first)
{
  std::vector<int> sites;
  for (int site = first; site < static_cast<int>(size); site += every) sites.push_back(site);
  return sites;
}

}  // namespace twin
