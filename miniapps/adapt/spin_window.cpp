#include "spin_window.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace adapt {

namespace {

struct Bond {
  std::int64_t site = 0;
  double coupling = 0;
};

/// Left, right, below and above; where there is none the coupling is 0.
std::array<Bond, 4> bonds_of(const Strip& strip, std::int64_t site)
{
  const auto& shape = strip.shape();
  const std::int64_t x = site / shape.width;
  const std::int64_t y = site % shape.width;
  const std::int64_t left = (x + shape.length - 1) % shape.length;
  const std::int64_t right = (x + 1) % shape.length;
  return {Bond{left * shape.width + y, strip.along(left, y)},
          Bond{right * shape.width + y, strip.along(x, y)},
          Bond{y > 0 ? site - 1 : site, y > 0 ? strip.across(x, y - 1) : 0},
          Bond{y + 1 < shape.width ? site + 1 : site, strip.across(x, y)}};
}

double logistic(double logit)
{
  return 1 / (1 + std::exp(-logit));
}

double up_of(Gauge gauge, std::int64_t site)
{
  return gauge.empty() ? 1 : gauge[static_cast<std::size_t>(site)];
}

Spin& spin_at(std::span<Spin> spins, std::int64_t site)
{
  return spins[static_cast<std::size_t>(site)];
}

}  // namespace

std::int64_t numbers_of(Knowledge knowledge)
{
  switch (knowledge) {
    case Knowledge::nothing: return 0;
    case Knowledge::couplings: return 4;
    case Knowledge::pulls: return 8;
  }
  return 0;
}

Window draw_window(const StripShape& shape, std::int64_t columns, double share, SpinRandom& random)
{
  if (columns < 1 || columns > shape.length)
    throw std::invalid_argument("a window of more columns than the strip, or of none");
  Window window;
  window.first = random.index(shape.periodic ? shape.length : shape.length - columns + 1);
  const std::int64_t sites = columns * shape.width;
  for (std::int64_t site = 0; site < sites; ++site)
    if (random.uniform() < share) window.masked.push_back(site);
  if (window.masked.empty()) window.masked.push_back(random.index(sites));
  return window;
}

std::int64_t site_of(const StripShape& shape, const Window& window, std::int64_t site)
{
  return (window.first * shape.width + site) % shape.sites();
}

void look(const Strip& strip, std::span<const Spin> spins, const Window& window,
          std::int64_t columns, Knowledge knowledge, Gauge gauge, std::span<float> tokens,
          std::span<float> known)
{
  const auto& shape = strip.shape();
  const std::int64_t sites = columns * shape.width;
  std::vector<Spin> visible(spins.begin(), spins.end());
  for (const auto site : window.masked)
    visible[static_cast<std::size_t>(site_of(shape, window, site))] = 0;
  const auto numbers = static_cast<std::size_t>(numbers_of(knowledge));
  for (std::int64_t i = 0; i < sites; ++i) {
    const std::int64_t site = site_of(shape, window, i);
    const double up = up_of(gauge, site);
    tokens[static_cast<std::size_t>(i)] =
        static_cast<float>(up * visible[static_cast<std::size_t>(site)]);
    if (numbers == 0) continue;
    float* here = &known[static_cast<std::size_t>(i) * numbers];
    for (const auto& bond : bonds_of(strip, site)) {
      *here = static_cast<float>(up * bond.coupling * up_of(gauge, bond.site));
      if (knowledge == Knowledge::pulls)
        here[4] =
            static_cast<float>(up * bond.coupling * visible[static_cast<std::size_t>(bond.site)]);
      ++here;
    }
  }
}

void reveal(const StripShape& shape, std::span<const Spin> spins, const Window& window, Gauge gauge,
            std::span<float> targets)
{
  std::fill(targets.begin(), targets.end(), 0.0F);
  for (const auto each : window.masked) {
    const std::int64_t site = site_of(shape, window, each);
    targets[static_cast<std::size_t>(each)] =
        static_cast<float>(up_of(gauge, site) * spins[static_cast<std::size_t>(site)]);
  }
}

void fill_in(const StripShape& shape, std::span<Spin> spins, const Window& window,
             std::span<const float> logits, double sharpness, SpinRandom& random)
{
  bool changed = false;
  std::int64_t likeliest = window.masked.front();
  double most = -std::numeric_limits<double>::infinity();
  for (const auto site : window.masked) {
    Spin& spin = spin_at(spins, site_of(shape, window, site));
    const double logit = sharpness * logits[static_cast<std::size_t>(site)];
    if (-spin * logit > most) {
      most = -spin * logit;
      likeliest = site;
    }
    const Spin drawn = random.uniform() < logistic(logit) ? Spin{1} : Spin{-1};
    changed = changed || drawn != spin;
    spin = drawn;
  }
  if (changed) return;
  Spin& spin = spin_at(spins, site_of(shape, window, likeliest));
  spin = static_cast<Spin>(-spin);
}

void heat(const Strip& strip, std::span<Spin> spins, const Window& window, double temperature,
          SpinRandom& random)
{
  bool changed = false;
  for (const auto each : window.masked) {
    const std::int64_t site = site_of(strip.shape(), window, each);
    double field = 0;
    for (const auto& bond : bonds_of(strip, site))
      field += bond.coupling * spin_at(spins, bond.site);
    const Spin drawn = random.uniform() < logistic(2 * field / temperature) ? Spin{1} : Spin{-1};
    changed = changed || drawn != spin_at(spins, site);
    spin_at(spins, site) = drawn;
  }
  if (changed) return;
  Spin& spin = spin_at(spins, site_of(strip.shape(), window, window.masked.front()));
  spin = static_cast<Spin>(-spin);
}

}  // namespace adapt
