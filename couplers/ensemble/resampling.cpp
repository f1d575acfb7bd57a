#include "couplers/ensemble/resampling.hpp"

#include <algorithm>
#include <cmath>
#include <map>

namespace cardan::ensemble {

namespace {

/// Descending by weight; by parent among equals, so that the result does not depend on the sort.
bool heavier(const Descendant& one, const Descendant& other)
{
  return one.weight != other.weight ? one.weight > other.weight : one.parent < other.parent;
}

void put(std::vector<Descendant>& sorted, const Descendant& one)
{
  sorted.insert(std::upper_bound(sorted.begin(), sorted.end(), one, heavier), one);
}

void fit(std::vector<Descendant>& bin, std::size_t wanted, Random& random)
{
  std::sort(bin.begin(), bin.end(), heavier);
  while (bin.size() < wanted) {
    Descendant half = bin.front();
    bin.erase(bin.begin());
    half.weight /= 2;
    put(bin, half);
    put(bin, half);
  }
  while (bin.size() > wanted) {
    const Descendant lightest = bin.back();
    bin.pop_back();
    Descendant merged = bin.back();
    bin.pop_back();
    const double sum = merged.weight + lightest.weight;
    if (random.uniform() * sum < lightest.weight) merged.parent = lightest.parent;
    merged.weight = sum;
    put(bin, merged);
  }
}

}  // namespace

std::size_t Bins::of(std::span<const double> point) const
{
  std::size_t bin = 0;
  for (std::size_t d = 0; d < counts.size(); ++d) {
    const double width = upper[d] - lower[d];
    const double share = width > 0 ? (point[d] - lower[d]) / width : 0;
    const auto last = static_cast<double>(counts[d] - 1);
    const double at = std::clamp(std::floor(share * static_cast<double>(counts[d])), 0.0, last);
    bin = bin * static_cast<std::size_t>(counts[d]) + static_cast<std::size_t>(at);
  }
  return bin;
}

std::vector<Descendant> resample(std::span<const Walker> walkers, Random& random)
{
  std::map<std::size_t, std::vector<Descendant>> bins;
  for (std::size_t i = 0; i < walkers.size(); ++i)
    bins[walkers[i].bin].push_back({i, walkers[i].weight});
  if (bins.empty()) return {};
  // What is left over goes to the first bins: which they are does not depend on weights.
  const std::size_t each = walkers.size() / bins.size();
  std::size_t left = walkers.size() % bins.size();
  std::vector<Descendant> descendants(walkers.size());
  std::vector<char> stays(walkers.size(), 0);
  std::vector<Descendant> copies;
  for (auto& [number, bin] : bins) {
    fit(bin, each + (left > 0 ? 1 : 0), random);
    if (left > 0) --left;
    for (const auto& one : bin) {
      if (stays[one.parent] != 0) {
        copies.push_back(one);
        continue;
      }
      stays[one.parent] = 1;
      descendants[one.parent] = one;
    }
  }
  for (std::size_t i = 0; i < walkers.size(); ++i) {
    if (stays[i] != 0) continue;
    descendants[i] = copies.back();
    copies.pop_back();
  }
  return descendants;
}

}  // namespace cardan::ensemble
