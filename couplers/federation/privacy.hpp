/// What clipping and noise buy: the norm of an update is bounded, noise in proportion to the bound
/// is added to it in the silo, and what that hides is an (epsilon, delta) that grows with the
/// rounds.
#pragma once

#include "couplers/federation/settings.hpp"

#include <array>
#include <cstdint>
#include <span>

namespace cardan::federation {

/// Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3",
/// SC 2011): four words for each counter, without a state. Good statistics, but no cipher: whoever
/// knows the key, or can search for its 64 bits, knows the noise.
std::array<std::uint32_t, 4> philox(const std::array<std::uint32_t, 4>& counter,
                                    const std::array<std::uint32_t, 2>& key);

/// Independent normal numbers: each is a function of key, stream and index, drawn by Box and Muller
/// with 53 bits. Floating-point numbers are not the continuous ones of the theorem (Mironov 2012):
/// their lowest bits may tell more than the budget says.
class Noise {
 public:
  explicit Noise(std::uint64_t key) : key_(key) {}
  /// A key from the system's entropy: what an aggregator could draw again it could take off.
  static Noise unpredictable();
  /// Adds `deviation` times a normal number to each; `stream` counts a silo's updates.
  void add(std::span<double> numbers, double deviation, std::uint64_t stream) const;

 private:
  std::uint64_t key_;
};

/// The Euclidean norm.
double norm_of(std::span<const double> numbers);
/// Shortens to norm `bound` what is longer (0: nothing is); gives the factor.
double clip(std::span<double> numbers, double bound);

/// Epsilon at `delta` of `updates` updates of one silo, each clipped to C with noise of deviation
/// noise * C on each number, all of which the aggregator sees one by one; infinite without noise, 0
/// without updates.
///
/// The Gaussian mechanism of sensitivity s and deviation d has Renyi divergence alpha s^2 / (2 d^2)
/// of order alpha, and divergences add up over updates, also where later ones depend on earlier
/// ones (Mironov, "Renyi differential privacy", CSF 2017, proposition 7 and corollary 3). For every
/// alpha > 1 that is
///   epsilon = rdp(alpha) + log(1 - 1 / alpha) - (log delta + log alpha) / (alpha - 1)
/// (Canonne, Kamath and Steinke, "The discrete Gaussian for differential privacy", NeurIPS 2020,
/// proposition 12); the smallest is taken. The sensitivity is C where an update is compared with
/// none (`zero_out`), 2 C with any other (`replace`). Rounds in which a silo does not take part
/// cost it nothing; nothing is claimed for their being chosen at random, since the choice is known.
double epsilon(double noise, double delta, Unit unit, std::int64_t updates);

}  // namespace cardan::federation
