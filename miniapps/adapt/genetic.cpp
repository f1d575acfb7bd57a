#include "genetic.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace adapt {

namespace {

/// All spins turned over have the same energy: of the two, the one whose first spin is up.
void set_upright(Spins& spins)
{
  if (spins.empty() || spins.front() > 0) return;
  for (auto& spin : spins) spin = static_cast<Spin>(-spin);
}

}  // namespace

Spins random_spins(std::int64_t sites, SpinRandom& random)
{
  Spins spins(static_cast<std::size_t>(sites));
  for (auto& spin : spins) spin = random.uniform() < 0.5 ? Spin{-1} : Spin{1};
  return spins;
}

std::size_t tournament(const Population& population, std::int64_t entrants, SpinRandom& random)
{
  // The population is ordered: the better one stands first.
  auto best = static_cast<std::int64_t>(population.size()) - 1;
  for (std::int64_t i = 0; i < entrants; ++i)
    best = std::min(best, random.index(static_cast<std::int64_t>(population.size())));
  return static_cast<std::size_t>(best);
}

Spins crossover(const StripShape& shape, std::span<const Spin> one, std::span<const Spin> other,
                SpinRandom& random)
{
  const std::int64_t first = random.index(shape.length);
  const std::int64_t columns = 1 + random.index(std::max<std::int64_t>(1, shape.length - 1));
  const auto at = [&](std::int64_t x, std::int64_t y) {
    return static_cast<std::size_t>(((x + shape.length) % shape.length) * shape.width + y);
  };
  int agree = 0;
  for (std::int64_t y = 0; y < shape.width; ++y)
    for (const std::size_t site : {at(first - 1, y), at(first + columns, y)})
      agree += one[site] * other[site];
  Spins child(one.begin(), one.end());
  for (std::int64_t x = first; x < first + columns; ++x)
    for (std::int64_t y = 0; y < shape.width; ++y)
      child[at(x, y)] = static_cast<Spin>(agree < 0 ? -other[at(x, y)] : other[at(x, y)]);
  return child;
}

void flip(std::span<Spin> spins, double share, SpinRandom& random)
{
  bool any = false;
  const std::int64_t one = random.index(static_cast<std::int64_t>(spins.size()));
  for (auto& spin : spins)
    if (random.uniform() < share) {
      spin = static_cast<Spin>(-spin);
      any = true;
    }
  if (!any) {
    auto& spin = spins[static_cast<std::size_t>(one)];
    spin = static_cast<Spin>(-spin);
  }
}

void order(Population& population)
{
  std::sort(population.begin(), population.end(), [](const Individual& a, const Individual& b) {
    return a.energy != b.energy ? a.energy < b.energy : a.spins < b.spins;
  });
}

void survive(Population& population, std::vector<Individual> children)
{
  const std::size_t size = population.size();
  for (auto& child : children) set_upright(child.spins);
  for (auto& each : population) set_upright(each.spins);
  population.insert(population.end(), std::make_move_iterator(children.begin()),
                    std::make_move_iterator(children.end()));
  order(population);
  const auto same = [](const Individual& a, const Individual& b) { return a.spins == b.spins; };
  population.erase(std::unique(population.begin(), population.end(), same), population.end());
  // Where too few differ, doubles of the best fill up.
  for (std::size_t i = 0; population.size() < size; ++i) {
    Individual again = population[i];
    population.push_back(std::move(again));
  }
  population.resize(size);
  order(population);
}

void AdaptedShare::learn(double successes, double wanted)
{
  share_ = std::clamp(share_ * std::exp(0.5 * (successes - wanted)), least_, most_);
}

}  // namespace adapt
