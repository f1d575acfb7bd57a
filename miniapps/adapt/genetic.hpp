/// A genetic search on spins: parents, crossover, survival. What mutates is somebody else's.
#pragma once

#include "spin_random.hpp"
#include "strip.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace adapt {

struct Individual {
  Spins spins;
  double energy = 0;
};

/// Ordered: the lowest energy first.
using Population = std::vector<Individual>;

/// Spins at random, half of them up.
Spins random_spins(std::int64_t sites, SpinRandom& random);
/// The better of `entrants` drawn ones: an index.
std::size_t tournament(const Population& population, std::int64_t entrants, SpinRandom& random);
/// `one` with columns of `other` from a drawn one to another, which may wrap around the end: of
/// `other` or of its reverse, whichever agrees with `one` at more sites of the two columns outside.
Spins crossover(const StripShape& shape, std::span<const Spin> one, std::span<const Spin> other,
                SpinRandom& random);
/// Turns each spin over with probability `share`, and at least one.
void flip(std::span<Spin> spins, double share, SpinRandom& random);
/// The best of both without doubles (reversed spins are the same), as many as the population had.
void survive(Population& population, std::vector<Individual> children);
/// Orders a population: by energy, then by spins.
void order(Population& population);

/// A share that follows how often children are better than their parents (Rechenberg's rule, 1973):
/// it grows while that is more often than `wanted`, and shrinks otherwise.
class AdaptedShare {
 public:
  AdaptedShare(double first, double least, double most) : share_(first), least_(least), most_(most)
  {}
  [[nodiscard]] double share() const { return share_; }
  void learn(double successes, double wanted = 0.2);

 private:
  double share_;
  double least_;
  double most_;
};

}  // namespace adapt
