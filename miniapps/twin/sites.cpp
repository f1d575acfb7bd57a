#include "sites.hpp"

#include "random.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdlib>
#include <numeric>
#include <stdexcept>
#include <utility>

namespace twin {
namespace {

struct Name {
  SiteRule rule;
  const char* text;
};
constexpr std::array names{Name{SiteRule::fixed, "fixed"}, Name{SiteRule::random, "random"},
                           Name{SiteRule::spread, "spread"},
                           Name{SiteRule::reduction, "reduction"}};

std::vector<int> evenly(int count, int size)
{
  std::vector<int> sites;
  for (std::int64_t i = 0; i < count; ++i) sites.push_back(static_cast<int>(i * size / count));
  return sites;
}

// The first of a shuffle (Fisher and Yates).
std::vector<int> drawn(const SiteSettings& settings, int size, std::int64_t cycle)
{
  Random random(settings.seed, Purpose::sites, cycle);
  std::vector<int> sites(static_cast<std::size_t>(size));
  std::iota(sites.begin(), sites.end(), 0);
  for (int i = 0; i < settings.count; ++i) {
    const int other = i + random.index(size - i);
    std::swap(sites[static_cast<std::size_t>(i)], sites[static_cast<std::size_t>(other)]);
  }
  sites.resize(static_cast<std::size_t>(settings.count));
  return sites;
}

std::vector<int> widest(const SiteSettings& settings, const std::vector<double>& spread)
{
  const auto size = static_cast<int>(spread.size());
  std::vector<int> order(spread.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, [&](int a, int b) {
    return spread[static_cast<std::size_t>(a)] > spread[static_cast<std::size_t>(b)];
  });
  std::vector<int> sites;
  for (int distance = settings.distance; static_cast<int>(sites.size()) < settings.count;
       --distance) {
    for (const int site : order) {
      if (static_cast<int>(sites.size()) == settings.count) break;
      const bool free = std::ranges::all_of(sites, [&](int chosen) {
        const int apart = std::abs(chosen - site);
        return apart > 0 && std::min(apart, size - apart) >= distance;
      });
      if (free) sites.push_back(site);
    }
  }
  return sites;
}

// Greedy, by the Kalman filter's variances: a measurement of site j takes P_ij^2 / (P_jj + r^2)
// from the variance of site i.
std::vector<int> most_telling(const SiteSettings& settings, Ensemble& ensemble)
{
  const std::size_t size = ensemble.size();
  const std::span<const double> everything = ensemble.gather();
  std::vector<double> mean(size);
  statistics(everything, mean, {});
  std::vector<double> covariance(size * size);
  for (std::size_t row = 0; row < everything.size(); row += size) {
    for (std::size_t i = 0; i < size; ++i) {
      const double anomaly = everything[row + i] - mean[i];
      for (std::size_t j = 0; j < size; ++j) {
        covariance[i * size + j] += anomaly * (everything[row + j] - mean[j]);
      }
    }
  }
  for (double& each : covariance) each /= static_cast<double>(ensemble.members() - 1);
  const double noise = settings.deviation * settings.deviation;
  std::vector<int> sites;
  std::vector<double> column(size);
  while (static_cast<int>(sites.size()) < settings.count) {
    double best_gain = -1;
    std::size_t best = 0;
    for (std::size_t j = 0; j < size; ++j) {
      if (std::ranges::count(sites, static_cast<int>(j)) > 0) continue;
      double gain = 0;
      for (std::size_t i = 0; i < size; ++i) {
        gain += covariance[j * size + i] * covariance[j * size + i];
      }
      gain /= covariance[j * size + j] + noise;
      if (gain > best_gain) {
        best_gain = gain;
        best = j;
      }
    }
    sites.push_back(static_cast<int>(best));
    std::copy_n(covariance.begin() + static_cast<std::ptrdiff_t>(best * size), size,
                column.begin());
    const double total = column[best] + noise;
    for (std::size_t i = 0; i < size; ++i) {
      for (std::size_t j = 0; j < size; ++j) {
        covariance[i * size + j] -= column[i] * column[j] / total;
      }
    }
  }
  return sites;
}

}  // namespace

const char* to_string(SiteRule rule) noexcept
{
  for (const Name& name : names) {
    if (name.rule == rule) return name.text;
  }
  return "";
}

SiteRule site_rule(const std::string& name)
{
  std::string known;
  for (const Name& each : names) {
    if (name == each.text) return each.rule;
    known += (known.empty() ? "" : ", ") + std::string(each.text);
  }
  throw std::invalid_argument("unknown rule for sites '" + name + "' (known: " + known + ")");
}

std::vector<int> choose_sites(const SiteSettings& settings, Ensemble& ensemble, std::int64_t cycle)
{
  const auto size = static_cast<int>(ensemble.size());
  if (settings.count < 1 || settings.count > size) {
    throw std::invalid_argument("sites: count = " + std::to_string(settings.count) +
                                " (there are " + std::to_string(size) + ")");
  }
  const bool by_spread = settings.rule == SiteRule::spread || settings.rule == SiteRule::reduction;
  if (by_spread && ensemble.members() < 2) {
    throw std::invalid_argument(std::string("sites by '") + to_string(settings.rule) +
                                "' need an ensemble of at least two members");
  }
  std::vector<int> sites;
  switch (settings.rule) {
    case SiteRule::fixed: return evenly(settings.count, size);
    case SiteRule::random: sites = drawn(settings, size, cycle); break;
    case SiteRule::spread: sites = widest(settings, ensemble.spread()); break;
    case SiteRule::reduction: sites = most_telling(settings, ensemble); break;
  }
  std::ranges::sort(sites);
  return sites;
}

}  // namespace twin
