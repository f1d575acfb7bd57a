/// What analyses teach about a model's error.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace twin {

/// A state at the beginning of an interval, and the rate per time unit that the model lacked.
struct IncrementPair {
  std::vector<double> before;
  std::vector<double> rate;
};

/// Makes pairs, as in Brajard, Carrassi, Bocquet and Bertino (J. Comput. Sci. 44 (2020) 101171) and
/// Farchi, Laloyaux, Bonavita and Bocquet (Q. J. R. Meteorol. Soc. 147 (2021) 3067):
/// (analysis - forecast) / interval of the ensemble's mean, beside the analysis an interval
/// earlier. What a correction added already counts as lacking: the pairs teach the whole error of
/// the model without it.
class Increments {
 public:
  explicit Increments(std::size_t size) : before_(size), added_(size) {}

  /// An interval begins at this analysis. `added`: the correction's rates there, or nothing.
  void begin(std::span<const double> analysis, std::span<const double> added = {});
  /// It ended: the pair; empty where none began, as after drop().
  IncrementPair end(std::span<const double> forecast, std::span<const double> analysis,
                    double interval);
  /// Forgets the interval: an observation was missing, or the regime changed.
  void drop() { begun_ = false; }

 private:
  std::vector<double> before_;
  std::vector<double> added_;
  bool begun_ = false;
};

}  // namespace twin
