/// What a network sees of a strip: some columns, some of their sites masked.
#pragma once

#include "spin_random.hpp"
#include "strip.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace adapt {

/// What is known of each site of a window beside its spin: nothing; its four couplings; or these,
/// and what each neighbour makes of them, J s, which is 0 where that is masked.
enum class Knowledge { nothing, couplings, pulls };
/// Numbers of a site.
std::int64_t numbers_of(Knowledge knowledge);

/// Columns of a strip, from `first` on, and the sites in them that are masked: of the window, in
/// ascending order. A ring's window may reach over its end.
struct Window {
  std::int64_t first = 0;
  std::vector<std::int64_t> masked;
};

/// Drawn: its place, and each site masked with probability `share`, one at least.
Window draw_window(const StripShape& shape, std::int64_t columns, double share, SpinRandom& random);
/// The strip's site of a window's.
std::int64_t site_of(const StripShape& shape, const Window& window, std::int64_t site);

/// A choice of what is up at each site: +1 or -1. In another gauge spins s become g s and couplings
/// J become g g' J, and all energies stay: what holds of a strip holds in every gauge. Empty: +1.
using Gauge = std::span<const Spin>;

/// One sample: a token for each of the window's sites (0: masked), and what is known, site by site.
/// Neighbours beyond the window are not masked, and pull as others do.
void look(const Strip& strip, std::span<const Spin> spins, const Window& window,
          std::int64_t columns, Knowledge knowledge, Gauge gauge, std::span<float> tokens,
          std::span<float> known);
/// What is to be learned: the spins that were masked, 0 elsewhere.
void reveal(const StripShape& shape, std::span<const Spin> spins, const Window& window, Gauge gauge,
            std::span<float> targets);

/// Draws the masked spins by the logits of up that a network gave, times `sharpness`. Where nothing
/// is then another spin than before, the one that was likeliest to be is turned over.
void fill_in(const StripShape& shape, std::span<Spin> spins, const Window& window,
             std::span<const float> logits, double sharpness, SpinRandom& random);
/// The same by the couplings: each masked site in turn from Boltzmann's distribution, given its
/// neighbours, at a temperature in units of the couplings.
void heat(const Strip& strip, std::span<Spin> spins, const Window& window, double temperature,
          SpinRandom& random);

}  // namespace adapt
