/// How novel points are among the others of a ring.
#pragma once

#include "couplers/ensemble/points.hpp"
#include "couplers/ensemble/settings.hpp"

#include <cstddef>
#include <memory>
#include <span>

namespace cardan::ensemble {

/// A way to score all points; larger is more novel, none is negative. Follows the points as they
/// come, so that scoring takes little.
class Novelty {
 public:
  virtual ~Novelty() = default;
  /// The point in this slot of the ring is new. Called for each, in order.
  virtual void changed(const Points& points, std::size_t slot) = 0;
  /// All points are others than before.
  virtual void rebuild(const Points& points) = 0;
  /// By slot, as many as there are points.
  virtual void score(const Points& points, std::span<double> scores) = 0;
};

/// The distance to the k-th nearest other point.
std::unique_ptr<Novelty> make_nearest(std::size_t capacity, std::size_t k);
/// The local outlier factor of k neighbours (Breunig, Kriegel, Ng and Sander, "LOF: identifying
/// density-based local outliers", 2000): 1 inside of a cluster, larger outside. Of points that are
/// as far as the k-th neighbour only so many are taken that they are k.
std::unique_ptr<Novelty> make_lof(std::size_t capacity, std::size_t k);
/// The inverse of the mean of exp(-d^2 / 2 h^2) over all points, the point itself among them: from
/// 1 to their number. h = 0: bandwidth_of the points, and again where that has changed by half.
std::unique_ptr<Novelty> make_density(std::size_t capacity, std::size_t dimension, double h);
/// Of those scores that need no model; null for the others.
std::unique_ptr<Novelty> make_novelty(const EnsembleSettings& settings, std::size_t dimension);

/// Four times typical_distance, 1 where that is 0.
double bandwidth_of(const Points& points);

}  // namespace cardan::ensemble
