/// Where to look next.
#pragma once

#include "ensemble.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace twin {

enum class SiteRule : std::uint8_t {
  /// Evenly over the ring, always the same.
  fixed,
  /// Drawn anew each cycle.
  random,
  /// The largest forecast spread, at least `distance` sites apart.
  spread,
  /// One after the other, whichever lowers the variance summed over all sites most, given those
  /// before it.
  reduction,
};
/// As run files write it: fixed, random, spread, reduction.
const char* to_string(SiteRule rule) noexcept;
/// Throws std::invalid_argument, which lists the rules.
SiteRule site_rule(const std::string& name);

struct SiteSettings {
  SiteRule rule = SiteRule::fixed;
  int count = 20;
  /// Of spread; where no site is that far from the others, the distance shrinks by one.
  int distance = 2;
  /// Of reduction: standard deviation of a measurement.
  double deviation = 1;
  std::uint64_t seed = 1;
};

/// Collective over the ensemble's ranks (which must hold a forecast for `spread` and `reduction`):
/// settings.count different sites in rising order, the same on all ranks. Throws
/// std::invalid_argument where there are not as many.
std::vector<int> choose_sites(const SiteSettings& settings, Ensemble& ensemble, std::int64_t cycle);

}  // namespace twin
